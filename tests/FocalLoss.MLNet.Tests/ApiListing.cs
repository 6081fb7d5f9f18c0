
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace FocalMlNet.Tests;

/// <summary>
/// Writes the public API of an assembly as text, one type or member a line; a member is indented and belongs to the type above it.
/// </summary>
internal static class ApiListing
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(int)] = "int",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(long)] = "long",
        [typeof(uint)] = "uint",
        [typeof(object)] = "object",
        [typeof(byte)] = "byte",
        [typeof(ulong)] = "ulong",
        [typeof(char)] = "char",
    };

    /// <summary>All lines, in the order of type names, then of member lines.</summary>
    public static IEnumerable<string> Of(Assembly assembly)
        => assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal).SelectMany(t => Members(t).Prepend(Header(t)));

    private static string Header(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsSealed: true } => "sealed class",
            { IsAbstract: true } => "abstract class",
            _ => "class",
        };
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && kind is not ("enum" or "delegate"))
            bases.Add(Name(parent));
        if (kind != "enum")
            bases.AddRange(type.GetInterfaces().Where(i => i.IsPublic || i.IsNestedPublic).Select(Name).Order(StringComparer.Ordinal));
        return $"{kind} {Name(type)}{(bases.Count > 0 ? " : " + string.Join(", ", bases) : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(f => $"  {f.Name} = {Convert.ToInt64(f.GetRawConstantValue(), CultureInfo.InvariantCulture)}");
        }

        var constructors = type.GetConstructors(Declared).Where(IsVisible).Select(c => $"  {Modifiers(c)}ctor({Parameters(c)})");
        var methods = type.GetMethods(Declared)
            .Where(m => IsVisible(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)))
            .Select(m => $"  {Modifiers(m)}{(m.IsDefined(typeof(ExtensionAttribute)) ? "extension " : "")}{Name(m.ReturnType)} {m.Name}{Generic(m.IsGenericMethod ? m.GetGenericArguments() : [])}({Parameters(m)})");
        var properties = type.GetProperties(Declared).Where(p => IsVisible(p.GetMethod) || IsVisible(p.SetMethod)).Select(Property);
        var fields = type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly).Select(Field);
        var events = type.GetEvents(Declared).Where(e => IsVisible(e.AddMethod))
            .Select(e => $"  {Modifiers(e.AddMethod!)}event {Name(e.EventHandlerType!)} {e.Name}");
        return constructors.Concat(methods).Concat(properties).Concat(fields).Concat(events).Order(StringComparer.Ordinal);
    }

    private static string Property(PropertyInfo property)
    {
        var (get, set) = (IsVisible(property.GetMethod), IsVisible(property.SetMethod));
        var index = property.GetIndexParameters();
        var indexer = index.Length > 0 ? $"[{string.Join(", ", index.Select(Parameter))}]" : "";
        return $"  {Modifiers((get ? property.GetMethod : property.SetMethod)!)}{Name(property.PropertyType)} {property.Name}{indexer} {{{(get ? " get;" : "")}{(set ? " set;" : "")} }}";
    }

    private static string Field(FieldInfo field)
    {
        var value = field.IsLiteral ? " = " + Literal(field.GetRawConstantValue(), field.FieldType, quote: true) : "";
        return $"  {(field.IsPublic ? "public " : "protected ")}{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Name(field.FieldType)} {field.Name}{value}";
    }

    private static bool IsVisible(MethodBase? method)
        => method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    private static string Modifiers(MethodBase method)
        => (method.IsPublic ? "public " : "protected ") + (method.IsStatic ? "static " : "")
            + (method.IsAbstract && !method.DeclaringType!.IsInterface ? "abstract " : "");

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var passing = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? (parameter.IsIn ? "in " : "ref ")
            : parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        var value = parameter.HasDefaultValue ? " = " + Literal(parameter.RawDefaultValue, parameter.ParameterType, quote: true) : "";
        return $"{passing}{Name(parameter.ParameterType)} {parameter.Name}{value}";
    }

    private static string Literal(object? value, Type type, bool quote) => value switch
    {
        string text => quote ? $"\"{text}\"" : text,
        bool flag => flag ? "true" : "false",
        null => type.IsValueType ? "default" : "null",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Generic(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Name))}>";

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        // A nested type is written with its outer type's name; generic arguments, the outer type's included, come at the end.
        var name = type.IsNested ? $"{Name(type.DeclaringType!)}.{type.Name}" : $"{type.Namespace}.{type.Name}";
        var tick = name.LastIndexOf('`');
        return (tick > 0 ? name[..tick] : name) + Generic(type.IsGenericType ? type.GetGenericArguments() : []);
    }
}
