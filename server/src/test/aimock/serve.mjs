// Plays providers on a free port of the loopback interface, whose address it prints, for as long as
// its standard input stays open. Answers only to the key given in KEY.
import { LLMock } from "@copilotkit/aimock";

const mock = new LLMock({ port: 0, auth: { apiKeys: [process.env.KEY] } });
console.log(await mock.start());
process.stdin.resume().on("end", () => process.exit());
