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
record CommandRun(int code, String out, String err, List<String> prompts) {

  JsonNode json() {
    return Json.MAPPER.readTree(out);
  }

  /// The environment, working directory and input of a run.
  record With(
      Map<String, String> environment,
      Path directory,
      String input,
      Optional<List<String>> typed,
      boolean colour) {

    static With service(FakeService service) {
      return new With(
          Map.of("AGENT_LAB_URL", service.url()), Path.of("/"), "", Optional.empty(), false);
    }

    static With directory(Path directory) {
      return new With(Map.of(), directory, "", Optional.empty(), false);
    }

    With environment(String name, String value) {
      Map<String, String> more = new HashMap<>(environment);
      more.put(name, value);
      return new With(more, directory, input, typed, colour);
    }

    With in(Path folder) {
      return new With(environment, folder, input, typed, colour);
    }

    With input(String text) {
      return new With(environment, directory, text, typed, colour);
    }

    /// A terminal at which these lines are typed, one per prompt.
    With typing(String... answers) {
      return new With(environment, directory, input, Optional.of(List.of(answers)), colour);
    }

    /// Adds lines that are typed at the terminal.
    With typingAlso(String... answers) {
      List<String> all = new ArrayList<>(typed.orElse(List.of()));
      all.addAll(List.of(answers));
      return typing(all.toArray(String[]::new));
    }

    With inColour() {
      return new With(environment, directory, input, typed, true);
    }

    CommandRun run(String... arguments) {
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
          AgentLab.run(new LaunchContext(environment, directory, directory, terminal), arguments);
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
}
