package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The `agent chat` command: one response of an agent, or an interactive conversation with it.
@Command(
    name = "chat",
    description = {
      "Chat with an agent.",
      "",
      "With a PROMPT, or with a prompt on standard input, prints the response as it is",
      "generated. On a terminal and without a PROMPT, starts an interactive conversation.",
      "",
      "  agent-lab agent chat helper",
      "  agent-lab agent chat helper 'Why is the sky blue?'",
      "  git diff | agent-lab agent chat reviewer",
      ""
    })
final class AgentChatCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(index = "0", paramLabel = "AGENT", description = "The name or id of the agent.")
  private String agent = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PROMPT",
      description = "The message to send.")
  private Optional<String> prompt = Optional.empty();

  @Option(
      names = "--revision",
      paramLabel = "N",
      description = "The revision of the agent; the newest by default.")
  private Optional<Long> revision = Optional.empty();

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "A PNG, JPEG, GIF or WebP image to send with the message; may be repeated.")
  private List<String> images = new ArrayList<>();

  @Option(
      names = "--option",
      paramLabel = "KEY=VALUE",
      description = "A request option that overrides the agent's, such as temperature=0.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(names = "--no-reasoning", description = "Do not print the model's reasoning.")
  private boolean noReasoning;

  @Option(names = "--no-stream", description = "Print the response only when it is complete.")
  private boolean noStream;

  AgentChatCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Optional<Terminal.Keyboard> keyboard = context.terminal().keyboard();
    boolean conversation = prompt.isEmpty() && keyboard.isPresent();
    if (conversation && (context.json() || noStream)) {
      throw new CommandFailure(
          ExitCode.USAGE, "a conversation supports neither --json nor --no-stream; pass a PROMPT");
    }
    RevisionedResources agents = RevisionedResources.agents(context.api());
    AgentRun run = createRun(agents.registry());
    if (conversation) {
      boolean reasoning = !noReasoning && !context.quiet();
      Conversation interactive = new Conversation(context, run, findAgent(agents), reasoning);
      images.forEach(interactive::attach);
      return interactive.run(keyboard.get());
    }
    try {
      return sendPrompt(run);
    } catch (CommandFailure e) {
      // If a revision is given, that revision may be what is missing.
      throw e.code() == ExitCode.NOT_FOUND && revision.isEmpty()
          ? agents.registry().notFound(agent, Optional.of(e.toJson()))
          : e;
    }
  }

  /// The agent at the revision to run. If the caller must not read it, only the given name and an
  /// unknown revision.
  private JsonNode findAgent(RevisionedResources agents) {
    try {
      return revision
          .map(number -> agents.findRevision(agent, number))
          .orElseGet(() -> agents.registry().find(agent).body());
    } catch (CommandFailure e) {
      if (e.code() != ExitCode.DENIED) {
        throw e;
      }
      return Json.MAPPER.createObjectNode().put("name", agent).put("revision", "unknown");
    }
  }

  private AgentRun createRun(ResourceClient agents) {
    ObjectNode overrides = Json.MAPPER.createObjectNode();
    options.forEach((key, value) -> overrides.set(key, AgentFlags.parseValue(value)));
    return new AgentRun(agents.api(), agents.path(agent), revision, overrides);
  }

  private int sendPrompt(AgentRun run) {
    Terminal terminal = context.terminal();
    String text = prompt.orElseGet(() -> terminal.readAll().stripTrailing());
    if (text.isBlank()) {
      throw new CommandFailure(ExitCode.USAGE, "the prompt is empty; pass a PROMPT");
    }
    List<ImageFile> attached =
        images.stream().map(name -> ImageFile.read(name, context.launchContext())).toList();
    ArrayNode messages =
        Json.MAPPER.createArrayNode().add(Conversation.userMessage(text, attached));
    ModelReply answer = noStream ? printCompletion(run, messages) : printStream(run, messages);
    if (!answer.remark().isEmpty()) {
      context.printNote(answer.remark());
    }
    return ExitCode.OK.number();
  }

  private ModelReply printCompletion(AgentRun run, ArrayNode messages) {
    JsonNode completion =
        context.withWaitingNote(Conversation.waitingText(agent), () -> run.complete(messages));
    ModelReply answer = ModelReply.of(completion);
    context.print(completion, answer::text);
    return answer;
  }

  private ModelReply printStream(AgentRun run, ArrayNode messages) {
    Terminal terminal = context.terminal();
    ModelReplyPrinter printer =
        new ModelReplyPrinter(
            terminal,
            !noReasoning && !context.quiet(),
            context.startWaitingNote(Conversation.waitingText(agent)));
    try (EventStream stream = run.stream(messages)) {
      var _ = stream.awaitHeaders();
      return ModelReply.read(stream, context.json() ? ModelReplyPrinter.raw(terminal) : printer);
    } finally {
      printer.end();
    }
  }
}
