using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;

namespace DnsFlow.Service.Endpoints;

/// <summary>An error as a problem document (RFC 9457).</summary>
/// <param name="Status">The status code.</param>
/// <param name="Title">The status code in words; the type is <c>about:blank</c>.</param>
/// <param name="Detail">What happened.</param>
/// <param name="Missing">What is missing, one sentence each; only where that is the problem.</param>
/// <param name="Errors">What is wrong, one line each; only where that is the problem.</param>
internal sealed record ProblemDocument(
    int Status,
    string Title,
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Missing = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Errors = null)
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>The kind of problem: no more than the status says.</summary>
    public string Type { get; } = "about:blank";

    /// <summary>Makes one with the status code's own words as title.</summary>
    public static ProblemDocument Of(int status, string detail) => new(status, ReasonPhrases.GetReasonPhrase(status), detail);
}
