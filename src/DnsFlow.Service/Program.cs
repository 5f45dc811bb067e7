using DnsFlow.Service.Commands;

return await DnsFlowProgram.RunAsync(args, ProgramContext.Process(Console.Out, Console.Error));
