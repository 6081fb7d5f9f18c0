using System.Reflection;
using Microsoft.ML;

namespace FocalMlNet.Tests.StandIn;

/// <summary>
/// Holds the stand-in to the truth: what compiles against it compiles against Microsoft.ML 5.0.0. On the package the same listing is held
/// to the package itself.
/// </summary>
public sealed class ContractTests
{
    private static readonly Dictionary<string, (string[] Bases, HashSet<string> Members)> Truth = Read(
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Reference", "microsoft-ml-5.0.0-public-api.txt")));

    private static readonly bool OnStandIn = typeof(MLContext).Assembly.GetName().Name == "Microsoft.ML.StandIn";

    [Fact]
    public void Every_public_type_and_member_of_the_stand_in_is_one_of_Microsoft_ML_5_0_0()
    {
        Assert.SkipUnless(OnStandIn, "The build uses the package Microsoft.ML: there is no stand-in to check.");
        Assert.Empty(Inventions(ApiListing.Of(typeof(MLContext).Assembly)));
    }

    [Fact]
    public void A_member_that_Microsoft_ML_does_not_have_is_found()
    {
        Assert.Equal(
            ["Microsoft.ML.IDataView: public int Invented()", "class Invented", "interface Microsoft.ML.IDataView : System.IDisposable"],
            Inventions(
            [
                "interface Microsoft.ML.IDataView : System.IDisposable",
                "  public bool CanShuffle { get; }",
                "  public int Invented()",
                "class Invented",
            ]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_listing_is_that_of_the_package()
    {
        Assert.SkipWhen(OnStandIn, "The build uses the stand-in: there is no package to check the listing against.");
        Assembly[] assemblies =
        [
            typeof(IDataView).Assembly, typeof(MLContext).Assembly, typeof(IEstimator<>).Assembly,
            typeof(Microsoft.ML.Trainers.SgdCalibratedTrainer).Assembly, typeof(Microsoft.ML.Transforms.ApproximatedKernelTransformer).Assembly,
        ];
        var package = Read(assemblies.Distinct().SelectMany(ApiListing.Of));
        var missing = Truth.SelectMany(t => package.TryGetValue(t.Key, out var found)
            ? t.Value.Members.Except(found.Members).Select(m => $"{t.Key}: {m}")
            : [t.Key]);
        Assert.Empty(missing);
    }

    /// <summary>The types, base types and members that are not in the listing. A stand-in type may have fewer bases than the real one, not others.</summary>
    private static IEnumerable<string> Inventions(IEnumerable<string> listing)
    {
        foreach (var (type, (bases, members)) in Read(listing))
        {
            if (!Truth.TryGetValue(type, out var truth))
            {
                yield return type;
                continue;
            }

            if (bases.Except(truth.Bases).Any())
                yield return $"{type} : {string.Join(", ", bases.Except(truth.Bases))}";
            foreach (var member in members.Except(truth.Members))
                yield return $"{type[(type.LastIndexOf(' ') + 1)..]}: {member}";
        }
    }

    private static Dictionary<string, (string[] Bases, HashSet<string> Members)> Read(IEnumerable<string> lines)
    {
        var types = new Dictionary<string, (string[] Bases, HashSet<string> Members)>(StringComparer.Ordinal);
        HashSet<string> members = [];
        foreach (var line in lines)
        {
            if (line.StartsWith('#') || line.Length == 0)
                continue;
            if (line.StartsWith(' '))
            {
                members.Add(line.Trim());
                continue;
            }

            var (type, bases) = ApiListing.Split(line);
            types[type] = (bases, members = []);
        }

        return types;
    }
}
