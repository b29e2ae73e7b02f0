package dev.agentlab.cli;

import dev.agentlab.cli.Terminal.Keyboard;
import dev.agentlab.cli.Terminal.LineEditor;
import dev.agentlab.json.Json;
import dev.agentlab.net.PercentEncoding;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An interactive conversation with an agent. Each request sends all previous messages.
final class Conversation {
  private static final String HELP =
      """
      /image FILE   attach an image to the next message
      /model        show the provider, the model and the revision
      /reset        clear the conversation
      /exit         end the conversation, like Ctrl-D
      A backslash at the end of a line continues the message on the next line.
      A line that begins with a space is a message, never a command.
      The arrow keys edit the line and recall earlier ones; no file stores them.
      Ctrl-C stops a response; when none is in progress, it ends the conversation.\
      """;

  private final CommandContext context;
  private final AgentRun run;
  private final JsonNode agent;
  private final boolean reasoning;
  private final ArrayNode history = Json.MAPPER.createArrayNode();
  private final List<ImageFile> images = new ArrayList<>();

  /// The response in progress, which Ctrl-C closes.
  private final AtomicReference<Optional<EventStream>> responseInProgress =
      new AtomicReference<>(Optional.empty());

  private Optional<Table> lastResponder = Optional.empty();

  /// @param agent the agent as JSON, at the revision to run
  /// @param reasoning whether to print the model's reasoning
  Conversation(CommandContext context, AgentRun run, JsonNode agent, boolean reasoning) {
    this.context = context;
    this.run = run;
    this.agent = agent;
    this.reasoning = reasoning;
  }

  /// A message with role `user`.
  static ObjectNode userMessage(String text, List<ImageFile> images) {
    ObjectNode message = Json.MAPPER.createObjectNode().put("role", "user");
    if (images.isEmpty()) {
      return message.put("content", text);
    }
    ArrayNode content = message.putArray("content");
    content.addObject().put("type", "text").put("text", text);
    images.forEach(image -> content.add(image.part()));
    return message;
  }

  /// The text of the waiting note. It mentions retries because the service retries a failing
  /// provider.
  static String waitingText(String agent) {
    return "%s to respond, including provider retries".formatted(agent);
  }

  /// Runs the conversation until the user ends it.
  ///
  /// @return the exit code
  int run(Keyboard keyboard) {
    try (LineEditor editor = keyboard.openEditor(this::interrupt)) {
      return run(editor);
    }
  }

  private int run(LineEditor editor) {
    printDim(
        "%s at revision %s; type /help for help"
            .formatted(agent.path("name").asString(""), agent.path("revision").asString("")));
    for (var line = readInput(editor); line.isPresent(); line = readInput(editor)) {
      String text = line.get();
      try {
        if (!text.startsWith("/")) {
          send(text.strip());
        } else if (!execute(text.strip())) {
          return ExitCode.OK.number();
        }
      } catch (CommandFailure e) {
        context.printError(e.message());
      }
    }
    print("");
    return ExitCode.OK.number();
  }

  /// Reads the next message or command, of one or more lines; empty at the end of the input.
  private static Optional<String> readInput(LineEditor editor) {
    StringBuilder text = new StringBuilder();
    while (true) {
      Optional<String> line = editor.readLine(text.isEmpty() ? "> " : "… ");
      if (line.isEmpty()) {
        return Optional.empty();
      }
      if (!line.get().endsWith("\\")) {
        return Optional.of(text.append(line.get()).toString());
      }
      text.append(line.get(), 0, line.get().length() - 1).append('\n');
    }
  }

  private boolean interrupt() {
    Optional<EventStream> stream = responseInProgress.getAndSet(Optional.empty());
    stream.ifPresent(EventStream::close);
    return stream.isPresent();
  }

  /// Executes a command.
  ///
  /// @return whether the conversation continues
  private boolean execute(String line) {
    String[] words = line.split("\\s+", 2);
    switch (words[0].toLowerCase(Locale.ROOT)) {
      case "/exit", "/quit" -> {
        return false;
      }
      case "/help" -> print(HELP);
      case "/reset" -> {
        history.removeAll();
        images.clear();
        printDim("conversation cleared");
      }
      case "/model" -> print(lastResponder.orElseGet(this::configuredResponder).text());
      case "/image" -> attach(words.length < 2 ? "" : words[1]);
      default ->
          throw new CommandFailure(
              ExitCode.USAGE, "unknown command %s; type /help for help".formatted(words[0]));
    }
    return true;
  }

  /// Attaches an image to the next message.
  void attach(String name) {
    if (name.isEmpty()) {
      throw new CommandFailure(ExitCode.USAGE, "usage: /image FILE");
    }
    ImageFile image = ImageFile.read(name, context.launchContext());
    images.add(image);
    printDim(
        "attached %s to the next message (%s, %d bytes)"
            .formatted(image.name(), image.mediaType(), image.size()));
  }

  private void send(String text) {
    if (text.isEmpty()) {
      return;
    }
    ObjectNode message = userMessage(text, images);
    long begin = System.nanoTime();
    ModelReply answer = streamResponse(history.deepCopy().add(message));
    if (!answer.remark().isEmpty()) {
      context.printNote(answer.remark());
    }
    if (!answer.text().isEmpty()) {
      images.clear();
      history.add(message);
      history.addObject().put("role", "assistant").put("content", answer.text());
    } else if (answer.complete()) {
      context.printError("the response is empty; the message was removed from the conversation");
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (!answer.complete()) {
      printDim("stopped");
    } else if (context.terminal().colour() && !context.quiet()) {
      printDim(formatUsage(answer, seconds));
    }
  }

  private ModelReply streamResponse(ArrayNode messages) {
    ModelReplyPrinter printer =
        new ModelReplyPrinter(
            context.terminal(),
            reasoning,
            context.startWaitingNote(waitingText(agent.path("name").asString(""))));
    try (EventStream stream = run.stream(messages)) {
      responseInProgress.set(Optional.of(stream));
      stream.awaitHeaders().ifPresent(head -> lastResponder = Optional.of(responderTable(head)));
      return ModelReply.read(stream, printer);
    } finally {
      responseInProgress.set(Optional.empty());
      printer.end();
    }
  }

  private static String formatUsage(ModelReply answer, double seconds) {
    String tokens =
        answer
            .usage()
            .map(usage ->
                "%d tokens in, %d out, "
                    .formatted(
                        usage.path("prompt_tokens").asLong(0),
                        usage.path("completion_tokens").asLong(0)))
            .orElse("");
    return String.format(Locale.ROOT, "%s%.1f s", tokens, seconds);
  }

  private static Table responderTable(HttpHeaders head) {
    return responderTable(
        decodeHeader(head, "Agent-Lab-Provider"),
        decodeHeader(head, "Agent-Lab-Model"),
        decodeHeader(head, "Agent-Lab-Revision"));
  }

  private Table configuredResponder() {
    JsonNode config = agent.path("config");
    if (AgentFlags.hasRoute(config)) {
      return new Table(
          List.of("route", AgentPrinter.route(config)),
          List.of(List.of("revision", agent.path("revision").asString(""))));
    }
    return responderTable(
        new AgentPrinter(run.api()).provider(config),
        AgentPrinter.model(config),
        agent.path("revision").asString(""));
  }

  private static Table responderTable(String provider, String model, String revision) {
    return new Table(
        List.of("provider", provider),
        List.of(List.of("model", model), List.of("revision", revision)));
  }

  private static String decodeHeader(HttpHeaders head, String name) {
    String value = head.firstValue(name).orElse("");
    return PercentEncoding.decode(value);
  }

  private void print(String text) {
    context.terminal().out().println(Terminal.sanitize(text));
    context.terminal().out().flush();
  }

  private void printDim(String text) {
    if (!context.quiet()) {
      context.terminal().out().println(context.terminal().dim(Terminal.sanitize(text)));
      context.terminal().out().flush();
    }
  }
}
