using DnsFlow.Service.Commands;

return await DnsFlowProgram.RunAsync(args, ProgramContext.Process());
