namespace FocalMlNet;

internal static partial class SoftmaxFocal
{
    /// <summary>
    /// Σ_k c_k FL_k(z), the losses FL_k of all classes, each as if it were the true one, with factors c: what label smoothing makes of the
    /// loss. In double precision, with work in proportion to the number of classes.
    /// </summary>
    /// <remarks>
    /// Symbols as in <see cref="SoftmaxFocal"/>. With m the class of the largest score and e_j = e^{z_j - z_m}, the others of a class k ≠ m
    /// sum to O_k = Σ_j e_j - e_k ≥ 1, and its shares are r_j = e_j / O_k, so that sums over k can be formed once. Class m is taken on its
    /// own, since its others may all be tiny.
    /// </remarks>
    internal ref struct Mixture
    {
        private readonly ReadOnlySpan<double> _z;
        private readonly ReadOnlySpan<double> _factors;
        private readonly double _γ;
        private readonly int _m;
        private readonly double _marginOfM;
        private readonly double _sum;
        private readonly Span<double> _e;
        private readonly Span<double> _sharesOfM;

        /// <param name="z">The scores.</param>
        /// <param name="factors">c.</param>
        /// <param name="γ">γ.</param>
        /// <param name="scratch">Room for twice as many numbers as there are scores.</param>
        public Mixture(ReadOnlySpan<double> z, ReadOnlySpan<double> factors, double γ, Span<double> scratch)
        {
            _z = z;
            _factors = factors;
            _γ = γ;
            _e = scratch[..z.Length];
            _sharesOfM = scratch.Slice(z.Length, z.Length);
            for (var j = 1; j < z.Length; j++)
            {
                if (z[j] > z[_m])
                    _m = j;
            }

            _marginOfM = Margin(z, _m, _sharesOfM);
            for (var j = 0; j < z.Length; j++)
            {
                _e[j] = Math.Exp(z[j] - z[_m]);
                _sum += _e[j];
            }
        }

        /// <summary>The loss.</summary>
        public readonly double Loss()
        {
            double loss = 0;
            for (var k = 0; k < _z.Length; k++)
                loss += _factors[k] == 0 ? 0 : _factors[k] * BinaryFocal.Loss(MarginOf(k), _γ);
            return loss;
        }

        /// <summary><paramref name="gradient"/> receives the gradient: c_i L'_i - Σ_{k≠i} c_k L'_k r_i.</summary>
        public readonly void Gradient(Span<double> gradient)
        {
            double total = 0;
            for (var k = 0; k < _z.Length; k++)
            {
                gradient[k] = _factors[k] * BinaryFocal.Derivative(MarginOf(k), _γ);
                if (k != _m)
                    total += gradient[k] / OthersOf(k);
            }

            var slopeOfM = gradient[_m];
            for (var i = 0; i < _z.Length; i++)
            {
                gradient[i] -= i == _m
                    ? total
                    : _e[i] * (total - gradient[i] / OthersOf(i)) + _sharesOfM[i] * slopeOfM;
            }
        }

        /// <summary>
        /// <paramref name="product"/> receives the Hessian times <paramref name="v"/>: c_i L''_i (v_i - v̄_i) - Σ_{k≠i} c_k r_i [L''_k (v_k
        /// - v̄_k) + L'_k (v_i - v̄_k)].
        /// </summary>
        public readonly void HessianVectorProduct(ReadOnlySpan<double> v, Span<double> product)
        {
            double weighted = 0, meanOfM = 0;
            for (var j = 0; j < _z.Length; j++)
            {
                weighted += _e[j] * v[j];
                meanOfM += _sharesOfM[j] * v[j];
            }

            double constant = 0, slope = 0;
            for (var k = 0; k < _z.Length; k++)
            {
                if (k == _m)
                    continue;
                var (constantOfK, slopeOfK) = Terms(k, (weighted - _e[k] * v[k]) / OthersOf(k), v[k], out _);
                constant += constantOfK / OthersOf(k);
                slope += slopeOfK / OthersOf(k);
            }

            var (ownConstant, ownSlope) = Terms(_m, meanOfM, v[_m], out var alongM);
            for (var i = 0; i < _z.Length; i++)
            {
                if (i == _m)
                {
                    product[i] = alongM - (constant + slope * v[i]);
                    continue;
                }

                var others = OthersOf(i);
                var (constantOfI, slopeOfI) = Terms(i, (weighted - _e[i] * v[i]) / others, v[i], out var along);
                product[i] = along
                    - _e[i] * (constant - constantOfI / others + (slope - slopeOfI / others) * v[i])
                    - _sharesOfM[i] * (ownConstant + ownSlope * v[i]);
            }
        }

        /// <summary>
        /// Of class k: <paramref name="along"/> = c L'' (v_k - v̄_k), and what it takes from any other class i, but for the factor r_i, as
        /// constant + slope · v_i.
        /// </summary>
        private readonly (double Constant, double Slope) Terms(int k, double mean, double vOfK, out double along)
        {
            var margin = MarginOf(k);
            var slope = _factors[k] * BinaryFocal.Derivative(margin, _γ);
            along = _factors[k] * BinaryFocal.SecondDerivative(margin, _γ) * (vOfK - mean);
            return (along - slope * mean, slope);
        }

        private readonly double MarginOf(int k) => k == _m ? _marginOfM : _z[k] - _z[_m] - Math.Log(OthersOf(k));

        /// <summary>Σ_{j≠k} e_j for k ≠ m.</summary>
        private readonly double OthersOf(int k) => _sum - _e[k];
    }
}
