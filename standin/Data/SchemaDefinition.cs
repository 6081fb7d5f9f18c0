using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>How the members of a class are columns: by its attributes, and as changed at run time.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    private SchemaDefinition() { }

    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }

    public Column this[string columnName]
    {
        get => Find(c => c.ColumnName == columnName);
        set => this[FindIndex(c => c.ColumnName == columnName)] = value;
    }

    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        ArgumentNullException.ThrowIfNull(userType);
        var definition = new SchemaDefinition();
        definition.AddRange(ColumnMembers(userType, direction).Select(m => new Column(m)));
        return definition.DistinctBy(c => c.ColumnName).Count() == definition.Count ? definition
            : throw new ArgumentOutOfRangeException(nameof(userType), $"Duplicate column names in {userType}");
    }

    /// <summary>The readable members, with the types and annotations of the schema where it has a column of the name.</summary>
    internal static SchemaDefinition CreateFor(Type userType, DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var definition = Create(userType, Direction.Read);
        foreach (var (column, source) in definition.Select(c => (c, schema.GetColumnOrNull(c.ColumnName))).Where(c => c.Item2 is not null))
            column.TakeFrom(source.Value);
        return definition;
    }

    internal DataViewSchema ToSchema()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(this.Select(c => c.Detached()));
        return builder.ToSchema();
    }

    internal static IEnumerable<MemberInfo> ColumnMembers(Type userType, Direction direction)
    {
        var fields = userType.GetFields(BindingFlags.Public | BindingFlags.Instance).Where(f => !f.IsInitOnly || direction == Direction.Read);
        var properties = userType.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0
            && (!direction.HasFlag(Direction.Read) || p.GetMethod is { IsPublic: true })
            && (!direction.HasFlag(Direction.Write) || p.SetMethod is { IsPublic: true }));
        return fields.Concat<MemberInfo>(properties).Where(m => !m.IsDefined(typeof(NoColumnAttribute)));
    }

    internal static DataViewType TypeOf(MemberInfo member)
    {
        var memberType = (member as FieldInfo)?.FieldType ?? ((PropertyInfo)member).PropertyType;
        var vector = member.GetCustomAttribute<VectorTypeAttribute>();
        var key = member.GetCustomAttribute<KeyTypeAttribute>();
        var isVector = memberType.IsArray || (memberType.IsGenericType && memberType.GetGenericTypeDefinition() == typeof(VBuffer<>));
        var itemType = memberType.IsArray ? memberType.GetElementType() : isVector ? memberType.GetGenericArguments()[0] : memberType;
        if (vector is not null && !isVector)
            throw Wrong($"Member {member.Name} has VectorType, but it is no array and no VBuffer");
        if (key is not null && !KeyDataViewType.IsValidDataType(itemType))
            throw Wrong($"Member {member.Name} has KeyType, but it is no unsigned integer");
        if (itemType == typeof(DateTime) || itemType == typeof(DateTimeOffset) || itemType == typeof(TimeSpan) || itemType == typeof(DataViewRowId))
            throw Errors.NotSupported($"columns of type {itemType} (member {member.Name})");
        var item = key is not null ? new KeyDataViewType(itemType, key.Count) : DataViewTypes.FromRawType(itemType)
            ?? throw Wrong($"Member {member.Name} is of type {memberType}, which no column can hold");
        return isVector ? new VectorDataViewType(item, vector?.Dimensions ?? [0]) : item;
        static Exception Wrong(string message) => new ArgumentOutOfRangeException(nameof(member), message);
    }

    public sealed class Column
    {
        private readonly DataViewSchema.Annotations.Builder _annotations = new();

        internal Column(MemberInfo member)
        {
            Member = member;
            ColumnName = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
            ColumnType = TypeOf(member);
        }

        public string MemberName => Member.Name;
        public string ColumnName { get; set; }
        public DataViewType ColumnType { get; set; }
        public DataViewSchema.Annotations Annotations => _annotations.ToAnnotations();
        internal MemberInfo Member { get; }
        internal Type MemberType => (Member as FieldInfo)?.FieldType ?? ((PropertyInfo)Member).PropertyType;

        /// <summary>A value of the annotation's type, or a string or an array for it, as in the members of a row.</summary>
        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType) =>
            _annotations.Add(kind, annotationType, annotationType is KeyDataViewType
                ? (ValueGetter<T>)((ref T destination) => destination = value)
                : MemberValues.Getter(() => value, annotationType));

        internal void TakeFrom(DataViewSchema.Column source)
        {
            ColumnType = source.Type;
            _annotations.Add(source.Annotations, _ => true);
        }

        internal DataViewSchema.DetachedColumn Detached() => ColumnType.RawType == TypeOf(Member).RawType
            ? new(ColumnName, ColumnType, Annotations)
            : throw new ArgumentOutOfRangeException(nameof(ColumnType), $"Column '{ColumnName}' is defined as {ColumnType}, "
                + $"which does not fit member {MemberName} of type {MemberType}");
    }
}
