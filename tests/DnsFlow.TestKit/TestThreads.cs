using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DnsFlow.TestKit;

/// <summary>
/// Threads enough for every test that waits on one: with one thread per core, two tests that block kept all continuations of the others waiting for seconds.
/// </summary>
internal static class TestThreads
{
    [SuppressMessage("Usage", "CA2255", Justification = "A test project has no other place that comes before all tests.")]
    [ModuleInitializer]
    internal static void Provide() => ThreadPool.SetMinThreads(32, 32);
}
