using Microsoft.ML.Data;

namespace Microsoft.ML;

public static class TextLoaderSaverCatalog
{
    public static IDataView LoadFromTextFile(this DataOperationsCatalog catalog, string path, TextLoader.Column[] columns,
        char separatorChar = '\t', bool hasHeader = false, bool allowQuoting = false, bool trimWhitespace = false, bool allowSparse = false) =>
        Load(path, columns, separatorChar, hasHeader, allowQuoting, trimWhitespace, allowSparse);
    public static IDataView LoadFromTextFile<TInput>(this DataOperationsCatalog catalog, string path,
        char separatorChar = '\t', bool hasHeader = false, bool allowQuoting = false, bool trimWhitespace = false, bool allowSparse = false) =>
        Load(path, TextLoader.ColumnsOf(typeof(TInput)), separatorChar, hasHeader, allowQuoting, trimWhitespace, allowSparse);

    private static IDataView Load(string path, TextLoader.Column[] columns, char separator, bool hasHeader, bool quoting, bool trim, bool sparse)
    {
        Errors.CheckName(path);
        ArgumentNullException.ThrowIfNull(columns);
        if (sparse)
            throw Errors.NotSupported("allowSparse");
        return new TextLoader(path, columns, new TextLoader.Format(separator, hasHeader, quoting, trim)).View;
    }
}
