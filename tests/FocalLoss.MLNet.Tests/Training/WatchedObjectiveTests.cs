using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Training;

public sealed class WatchedObjectiveTests
{
    /// <summary>
    /// What an interface has by default is not passed on by itself: softmax that is watched would lose what it knows of its classes
    /// together.
    /// </summary>
    [Fact]
    public void What_an_objective_has_of_its_own_is_passed_on_when_it_is_watched()
    {
        Type[] interfaces = [typeof(IObjective), typeof(IClassObjective)];
        Type[] objectives = [.. typeof(WatchedObjective).Assembly.GetTypes().Where(type
            => type.IsClass && typeof(IClassObjective).IsAssignableFrom(type) && type != typeof(WatchedObjective))];
        Assert.True(objectives.Length >= 3, $"{objectives.Length} objectives");
        foreach (var type in interfaces)
        {
            var own = objectives.SelectMany(objective => OwnMembers(objective, type)).ToHashSet();
            Assert.Subset(OwnMembers(typeof(WatchedObjective), type).ToHashSet(), own);
        }
    }

    private static IEnumerable<string> OwnMembers(Type objective, Type type)
    {
        var map = objective.GetInterfaceMap(type);
        return map.InterfaceMethods.Where((_, i) => map.TargetMethods[i] is { } target && !target.DeclaringType!.IsInterface)
            .Select(method => method.Name);
    }
}
