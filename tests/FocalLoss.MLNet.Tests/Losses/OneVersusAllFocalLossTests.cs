namespace FocalMlNet.Tests.Losses;

public sealed class OneVersusAllFocalLossTests
{
    [Fact]
    public void The_description_with_class_frequencies_and_its_figures()
    {
        double[][] probabilities =
        [
            [.37623284, .33230947, .0481559, .2433018], [.29497108, .12360882, .20553146, .37588864],
                [.58799838, .28331014, .07566421, .05302727],
            [.4794889, .07500778, .41214537, .03335796], [.28295068, .07871247, .16113049, .47720636],
            [.03239087, .35946281, .28374307, .32440325],
            [.08932401, .54083959, .23610655, .13372985], [.19806993, .20598081, .29593526, .30001401],
        ];
        int[] classes = [0, 1, 0, 2, 2, 2, 0, 1];
        double[] expected = [.04206767, .11250415, .00784752, .05654315, .30171221, .12844518, .16094631, .06586922];
        var weights = ClassWeighting.InverseFrequency.FromCounts([100, 200, 50, 10]);
        var loss = new OneVersusAllFocalLoss(gamma: 2, classWeights: weights);
        float[] logits = [.. probabilities.SelectMany(row => row.Select(p => (float)Math.Log(p / (1 - p))))];
        var batch = new float[8];
        loss.Losses(logits, classes, batch);
        for (var i = 0; i < 8; i++)
        {
            // Eight decimals are given.
            Assert.Equal(expected[i], loss.Loss(logits.AsSpan(4 * i, 4), classes[i]), 5e-8);
            Assert.Equal(expected[i], batch[i], 5e-8);
        }

        Assert.Equal(expected.Sum(), loss.Sum(logits, classes), 5e-7);
        Assert.Equal(expected.Average(), loss.Mean(logits, classes), 5e-8);
    }

    [Fact]
    public void It_is_the_sum_of_the_binary_losses()
    {
        double[] weights = [.5, 1, 2];
        double[] γs = [0, 1.5, 3];
        var loss = new OneVersusAllFocalLoss(classWeights: weights, classGammas: γs);
        float[] z = [.3f, -2, 1.25f];
        var expected = weights[0] * new FocalLoss(0).Loss(z[0], 0) + weights[1] * new FocalLoss(1.5)
            .Loss(z[1], 1) + weights[2] * new FocalLoss(3).Loss(z[2], 0);
        Assert.Equal(expected, loss.Loss(z, 1), 1e-14);
        var gradient = new float[3];
        loss.Gradient(z, 1, gradient);
        Assert.Equal(weights[0] * new FocalLoss(0).Derivative(z[0], 0), gradient[0], 1e-7);
        Assert.Equal(weights[1] * new FocalLoss(1.5).Derivative(z[1], 1), gradient[1], 1e-7);
        Assert.Equal(weights[2] * new FocalLoss(3).Derivative(z[2], 0), gradient[2], 1e-7);
    }

    [Fact]
    public void The_Hessian_is_the_diagonal_of_the_binary_second_derivatives()
    {
        double[] weights = [.5, 1, 2], γs = [0, 1.5, 3];
        float[] z = [.3f, -2, 1.25f], v = [2, -1, .5f];
        var product = new float[3];
        new OneVersusAllFocalLoss(classWeights: weights, classGammas: γs).HessianVectorProduct(z, 1, v, product);
        for (var k = 0; k < 3; k++)
            Assert.Equal(weights[k] * v[k] * new FocalLoss(γs[k]).SecondDerivative(z[k], k == 1 ? 1 : 0), product[k], 1e-7);
    }

    [Fact]
    public void Gammas_that_do_not_fit_are_refused()
    {
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "classGammas[2] = -0.5, but it should be in [0; 50]. (Parameter 'classGammas[2]')",
            () => new OneVersusAllFocalLoss(2, null, [1, 2, -.5]));
        LossChecks.AssertRefused<ArgumentException>(
            "classGammas has 2 elements, but it should have 3, one for each class weight. (Parameter 'classGammas')",
            () => new OneVersusAllFocalLoss(2, [1, 2, 3], [1, 2]));
        LossChecks.AssertRefused<ArgumentException>(
            "classGammas has 1 element, but it should have at least 2. (Parameter 'classGammas')",
            () => new OneVersusAllFocalLoss(2, null, [1]));
        LossChecks.AssertRefused<ArgumentException>(
            "scores has 2 elements, but it should have 3, one for each class. (Parameter 'scores')",
            () => new OneVersusAllFocalLoss(2, null, [1, 2, 3]).Loss([1, 2], 0));
    }
}
