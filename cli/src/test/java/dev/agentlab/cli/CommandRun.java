package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;

/// The result of running a command in the process of the test.
public record CommandRun(int code, String out, String err, List<String> prompts) {

  public JsonNode json() {
    return Json.MAPPER.readTree(out);
  }

  /// The environment, working directory, input and program of a run.
  ///
  /// @param typed the lines typed at the terminal; empty without a terminal
  public record With(
      Map<String, String> environment,
      Path directory,
      String input,
      Optional<List<String>> typed,
      boolean colour,
      CommandExtension extension) {

    public static With service(FakeService service) {
      return new With(
          Map.of("AGENT_LAB_URL", service.url()),
          Path.of("/"),
          "",
          Optional.empty(),
          false,
          new NoExtension());
    }

    public static With directory(Path directory) {
      return new With(Map.of(), directory, "", Optional.empty(), false, new NoExtension());
    }

    public With environment(String name, String value) {
      Map<String, String> more = new HashMap<>(environment);
      more.put(name, value);
      return new With(more, directory, input, typed, colour, extension);
    }

    public With in(Path folder) {
      return new With(environment, folder, input, typed, colour, extension);
    }

    public With input(String text) {
      return new With(environment, directory, text, typed, colour, extension);
    }

    /// A terminal at which these lines are typed, one per prompt.
    public With typing(String... answers) {
      return new With(
          environment, directory, input, Optional.of(List.of(answers)), colour, extension);
    }

    /// Adds lines that are typed at the terminal.
    public With typingAlso(String... answers) {
      List<String> all = new ArrayList<>(typed.orElse(List.of()));
      all.addAll(List.of(answers));
      return typing(all.toArray(String[]::new));
    }

    public With inColour() {
      return new With(environment, directory, input, typed, true, extension);
    }

    /// Adds the commands and the configuration of a program.
    public With extension(CommandExtension added) {
      return new With(environment, directory, input, typed, colour, added);
    }

    public CommandRun run(String... arguments) {
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      FakeKeyboard typist =
          new FakeKeyboard(new ArrayList<>(typed.orElse(List.of())), new ArrayList<>());
      Terminal terminal =
          new Terminal(
              new PrintWriter(out),
              new PrintWriter(err),
              new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
              typed.map(_ -> typist),
              colour);
      int code =
          AgentLab.run(
              extension, new LaunchContext(environment, directory, directory, terminal), arguments);
      return new CommandRun(code, out.toString(), err.toString(), List.copyOf(typist.prompts()));
    }
  }

  private record FakeKeyboard(List<String> answers, List<String> prompts)
      implements Terminal.Keyboard {
    @Override
    public Optional<String> readLine(String prompt) {
      prompts.add(prompt);
      return answers.isEmpty() ? Optional.empty() : Optional.of(answers.removeFirst());
    }

    @Override
    public Optional<String> readSecret(String prompt) {
      return readLine("[hidden] " + prompt);
    }

    @Override
    public Terminal.LineEditor openEditor(BooleanSupplier interrupt) {
      return new Terminal.LineEditor() {
        @Override
        public Optional<String> readLine(String prompt) {
          return FakeKeyboard.this.readLine(prompt);
        }

        @Override
        public void close() {}
      };
    }
  }

  /// A program without commands of a service, and with a configuration that is all defaults.
  static final class NoExtension implements CommandExtension {
    @Override
    public List<CommandTree> commands(CommandContext context) {
      return List.of();
    }

    @Override
    public List<CommandTree> keyCommands(CommandContext context) {
      return List.of();
    }

    @Override
    public ServiceConfig readConfig(Path folder, Map<String, String> environment) {
      return new ServiceConfig("http", "127.0.0.1", 8080, folder.resolve("data"), Optional.empty());
    }
  }
}
