namespace DnsFlow.Tests.Repository;

public class SourceFileTests
{
    [Theory]
    [InlineData("a // b\nc", "a \nc")]
    [InlineData("a /* b\n b */ c", "a \n c")]
    [InlineData("x = \"// no \\\" comment\"; y", "x = \"\"; y")]
    [InlineData("x = @\"a \\\"; y", "x = \"\"; y")]
    [InlineData("x = @\"a \"\" b\"; y", "x = \"\"; y")]
    [InlineData("x = \"\"\"a \" b\n\"\"\"; y", "x = \"\"\n; y")]
    [InlineData("x = '\\''; y = '\"'; z", "x = \"\"; y = \"\"; z")]
    [InlineData("x = \"\"; y", "x = \"\"; y")]
    public void Code_CommentsAndText_AreGone(string text, string code) => Assert.Equal(code, new SourceFile("a.cs", text).Code);

    [Fact]
    public void Product_IsFound() => Assert.Contains(SourceTree.Product, file => file.Path == "src/DnsFlow/Protocol/QueryView.cs");
}
