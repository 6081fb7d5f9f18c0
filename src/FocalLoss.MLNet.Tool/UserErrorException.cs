namespace FocalMlNet.Tool;

/// <summary>Something the user can put right. The message is printed as one line, without a stack trace.</summary>
internal sealed class UserErrorException : Exception
{
    public UserErrorException()
    {
    }

    public UserErrorException(string message)
        : base(message)
    {
    }

    public UserErrorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
