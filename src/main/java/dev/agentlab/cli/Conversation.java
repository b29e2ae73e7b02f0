package dev.agentlab.cli;

import dev.agentlab.cli.Terminal.Keyboard;
import dev.agentlab.cli.Terminal.LineEditor;
import dev.agentlab.json.Json;
import java.net.URLDecoder;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A conversation of a person with an agent, turn by turn. Every turn sends all that was said.
final class Conversation {
  private static final String HELP =
      """
      /image FILE   send an image with the next message
      /model        who answers: provider, model, revision
      /reset        forget what was said
      /exit         end the conversation, as Ctrl-D does
      A backslash at the end of a line continues the message on the next one.
      A line that begins with a space is a message, whatever follows.
      The arrow keys edit the line and recall those before, which no file keeps.
      Ctrl-C stops an answer; when there is none, it ends the conversation.\
      """;

  private final CommandContext session;
  private final AgentRun run;
  private final JsonNode agent;
  private final boolean reasoning;
  private final ArrayNode said = Json.MAPPER.createArrayNode();
  private final List<ImageFile> images = new ArrayList<>();

  /// The answer under way, for Ctrl-C to close.
  private final AtomicReference<Optional<EventStream>> answering =
      new AtomicReference<>(Optional.empty());

  private Optional<Table> answered = Optional.empty();

  /// @param agent as the service shows it, at the revision that is run
  /// @param reasoning whether to show what the model thinks
  Conversation(CommandContext session, AgentRun run, JsonNode agent, boolean reasoning) {
    this.session = session;
    this.run = run;
    this.agent = agent;
    this.reasoning = reasoning;
  }

  /// What a user says.
  static ObjectNode message(String text, List<ImageFile> images) {
    ObjectNode message = Json.MAPPER.createObjectNode().put("role", "user");
    if (images.isEmpty()) {
      return message.put("content", text);
    }
    ArrayNode content = message.putArray("content");
    content.addObject().put("type", "text").put("text", text);
    images.forEach(image -> content.add(image.part()));
    return message;
  }

  /// What is waited for until an agent answers: the service calls a failing provider again.
  static String answerOf(String agent) {
    return "%s to answer, retries of its provider included".formatted(agent);
  }

  /// Holds it to its end.
  ///
  /// @return the exit code
  int hold(Keyboard person) {
    try (LineEditor editor = person.edit(this::interrupt)) {
      return hold(editor);
    }
  }

  private int hold(LineEditor editor) {
    dim(
        "%s at revision %s; /help says what you can do"
            .formatted(agent.path("name").asString(""), agent.path("revision").asString("")));
    for (var line = heard(editor); line.isPresent(); line = heard(editor)) {
      String text = line.get();
      try {
        if (!text.startsWith("/")) {
          say(text.strip());
        } else if (!obey(text.strip())) {
          return ExitCode.OK.number();
        }
      } catch (CommandFailure e) {
        session.complain(e.message());
      }
    }
    print("");
    return ExitCode.OK.number();
  }

  /// The next message or command, of one line or several; empty when the input ends.
  private static Optional<String> heard(LineEditor editor) {
    StringBuilder text = new StringBuilder();
    while (true) {
      Optional<String> line = editor.line(text.isEmpty() ? "> " : "… ");
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
    Optional<EventStream> stream = answering.getAndSet(Optional.empty());
    stream.ifPresent(EventStream::close);
    return stream.isPresent();
  }

  /// Does what a command says.
  ///
  /// @return whether the conversation goes on
  private boolean obey(String line) {
    String[] words = line.split("\\s+", 2);
    switch (words[0].toLowerCase(Locale.ROOT)) {
      case "/exit", "/quit" -> {
        return false;
      }
      case "/help" -> print(HELP);
      case "/reset" -> {
        said.removeAll();
        images.clear();
        dim("forgotten");
      }
      case "/model" -> print(answered.orElseGet(this::configured).text());
      case "/image" -> attach(words.length < 2 ? "" : words[1]);
      default ->
          throw new CommandFailure(ExitCode.USAGE, "there is no %s; see /help".formatted(words[0]));
    }
    return true;
  }

  /// Has the next message carry an image.
  void attach(String name) {
    if (name.isEmpty()) {
      throw new CommandFailure(ExitCode.USAGE, "say which: /image FILE");
    }
    ImageFile image = ImageFile.read(name, session.surroundings());
    images.add(image);
    dim(
        "%s goes with the next message (%s, %d bytes)"
            .formatted(image.name(), image.mediaType(), image.size()));
  }

  private void say(String text) {
    if (text.isEmpty()) {
      return;
    }
    ObjectNode message = message(text, images);
    long begin = System.nanoTime();
    ModelAnswer answer = answer(said.deepCopy().add(message));
    if (!answer.remark().isEmpty()) {
      session.note(answer.remark());
    }
    if (!answer.text().isEmpty()) {
      images.clear();
      said.add(message);
      said.addObject().put("role", "assistant").put("content", answer.text());
    } else if (answer.whole()) {
      session.complain("no answer; the message is left out of what is sent from now on");
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (!answer.whole()) {
      dim("stopped");
    } else if (session.terminal().colour() && !session.quiet()) {
      dim(figures(answer, seconds));
    }
  }

  private ModelAnswer answer(ArrayNode messages) {
    AnswerPrinter printer =
        new AnswerPrinter(
            session.terminal(),
            reasoning,
            session.waitingNote(answerOf(agent.path("name").asString(""))));
    try (EventStream stream = run.stream(messages)) {
      answering.set(Optional.of(stream));
      stream.head().ifPresent(head -> answered = Optional.of(responder(head)));
      return ModelAnswer.read(stream, printer);
    } finally {
      answering.set(Optional.empty());
      printer.end();
    }
  }

  private static String figures(ModelAnswer answer, double seconds) {
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

  private static Table responder(HttpHeaders head) {
    return responder(
        field(head, "Agent-Lab-Provider"),
        field(head, "Agent-Lab-Model"),
        field(head, "Agent-Lab-Revision"));
  }

  private Table configured() {
    JsonNode config = agent.path("config");
    return responder(
        new AgentPrinter(run.api()).provider(config),
        AgentPrinter.model(config),
        agent.path("revision").asString(""));
  }

  private static Table responder(String provider, String model, String revision) {
    return new Table(
        List.of("provider", provider),
        List.of(List.of("model", model), List.of("revision", revision)));
  }

  private static String field(HttpHeaders head, String name) {
    String value = head.firstValue(name).orElse("");
    return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private void print(String text) {
    session.terminal().out().println(Terminal.clean(text));
    session.terminal().out().flush();
  }

  private void dim(String text) {
    if (!session.quiet()) {
      session.terminal().out().println(session.terminal().dim(Terminal.clean(text)));
      session.terminal().out().flush();
    }
  }
}
