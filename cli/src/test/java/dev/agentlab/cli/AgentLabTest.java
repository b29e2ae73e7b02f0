package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class AgentLabTest {
  private static CommandRun run(String... arguments) {
    return CommandRun.With.directory(Path.of("/nonexistent")).run(arguments);
  }

  static Stream<List<String>> allCommands() {
    return Stream.concat(
        Stream.of(List.of("completion"), List.of("health"), List.of("version")),
        Stream.of(
                List.of("provider", "add update list show test models kinds remove"),
                List.of("agent", "add update list show chat revisions restore remove"),
                List.of("key", "create list show rotate revoke self"),
                List.of("calls", "list get"),
                List.of("audit", "list verify"),
                List.of("secrets", "status rotate"))
            .flatMap(AgentLabTest::group));
  }

  /// A command and its subcommands.
  private static Stream<List<String>> group(List<String> group) {
    String name = group.getFirst();
    return Stream.concat(
        Stream.of(List.of(name)),
        Stream.of(group.getLast().split(" ")).map(sub -> List.of(name, sub)));
  }

  @ParameterizedTest
  @MethodSource("allCommands")
  void everyCommandPrintsHelp(List<String> command) {
    String[] arguments =
        Stream.concat(command.stream(), Stream.of("--help")).toArray(String[]::new);

    CommandRun run = run(arguments);

    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("Usage: agent-lab " + String.join(" ", command));
    assertThat(run.err()).isEmpty();
  }

  /// A command and its subcommands at all levels.
  private static Stream<CommandLine> withSubcommands(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(AgentLabTest::withSubcommands));
  }

  private static CommandLine commands(String... arguments) {
    PrintWriter discard = new PrintWriter(Writer.nullWriter());
    Path folder = Path.of("/nonexistent");
    Terminal terminal =
        new Terminal(discard, discard, InputStream.nullInputStream(), Optional.empty(), false);
    CommandExtension none = new CommandRun.NoExtension();
    return AgentLab.createCommandLine(
        new CommandContext(new LaunchContext(Map.of(), folder, folder, terminal), none),
        none,
        List.of(arguments));
  }

  @Test
  void onlyTheNamedCommandIsBuilt() {
    assertThat(commandNames("provider", "list"))
        .containsExactly("agent-lab", "agent-lab provider", "agent-lab provider list");
    assertThat(commandNames("provider", "--help"))
        .contains("agent-lab provider add", "agent-lab provider list")
        .doesNotContain("agent-lab agent");
    assertThat(commandNames("--url", "provider")).contains("agent-lab agent list");
  }

  private static Stream<String> commandNames(String... arguments) {
    return withSubcommands(commands(arguments)).map(it -> it.getCommandSpec().qualifiedName());
  }

  @Test
  void commandsHaveTheNamesOfTheirAnnotations() {
    withSubcommands(commands())
        .skip(1)
        .forEach(command -> {
          CommandLine.Command annotation =
              command
                  .getCommandSpec()
                  .userObject()
                  .getClass()
                  .getAnnotation(CommandLine.Command.class);
          assertThat(command.getParent().getSubcommands())
              .containsEntry(Objects.requireNonNull(annotation).name(), command);
        });
  }

  private static String help(CommandLine command) {
    return command.getUsageMessage(CommandLine.Help.Ansi.OFF);
  }

  @Test
  void everyCommandSummaryIsOneCompleteSentence() {
    withSubcommands(commands())
        .forEach(group -> {
          String list = help(group).replaceAll("\\s+", " ");
          for (CommandLine command : group.getSubcommands().values()) {
            String summary = HelpPages.summary(command.getCommandSpec());
            assertThat(summary).endsWith(".").doesNotContain(". ").hasSizeLessThan(90);
            if (!command.getCommandSpec().usageMessage().hidden()) {
              assertThat(list).contains(" %s %s ".formatted(command.getCommandName(), summary));
            }
          }
        });
  }

  @Test
  void helpIsWrappedBetweenWords() {
    withSubcommands(commands())
        .forEach(command -> {
          CommandLine.Model.CommandSpec spec = command.getCommandSpec();
          Stream<String> descriptions =
              Stream.of(
                      Stream.of(spec.usageMessage().description()),
                      Stream.of(spec.usageMessage().footer()),
                      spec.args().stream().flatMap(option -> Stream.of(option.description())))
                  .flatMap(lines -> lines);
          List<String> words =
              descriptions
                  .flatMap(line -> Stream.of(line.split(" ")))
                  .filter(word -> !word.contains("${") && !word.contains("%"))
                  .toList();

          assertThat(words).isNotEmpty();
          assertThat(help(command)).contains(words);
          assertThat(help(command).lines()).allMatch(line -> line.length() <= 80);
        });
  }

  @Test
  void helpListsEveryExitCode() {
    assertThat(run("--help").out())
        .contains(
            "Exit codes:", "  0 ", "  1 ", "  2 ", "  3 ", "  4 ", "  5 ", "  6 ", "  7 ", "  78 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "provider", "agent", "key", "audit", "secrets"})
  void missingCommandPrintsUsage(String group) {
    CommandRun run = group.isEmpty() ? run() : run(group);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("Usage: agent-lab", "Commands:");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void misspelledCommandGetsSuggestion() {
    CommandRun run = run("provder");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("'provder'", "Did you mean: agent-lab provider?", "--help");
  }

  @Test
  void suggestionIsNearestName() {
    assertThat(run("provider", "lst").err()).contains("Did you mean: agent-lab provider list?");
    assertThat(run("provider", "list", "--jsn").err()).contains("Did you mean: --json?");
    assertThat(run("provider", "xyzzy").err()).doesNotContain("Did you mean");
  }

  @ParameterizedTest
  @CsvSource({
    "provider rename, provider update NAME --name OTHER",
    "provider delete, provider remove",
    "key delete, key revoke",
    "chat helper, agent chat"
  })
  void synonymOfCommandGetsSuggestion(String command, String suggestion) {
    assertThat(run(command.split(" ")).err())
        .contains("Did you mean: agent-lab %s?".formatted(suggestion));
  }

  @Test
  void nonNumericValueIsRejected() {
    assertThat(run("agent", "chat", "a", "b", "--revision", "x").err())
        .contains("'--revision'", "must be an integer, was \"x\"");
    assertThat(run("audit", "list", "--page", "x").err())
        .contains("'--page'", "must be an integer, was \"x\"");
  }

  @Test
  void invalidMapOptionIsNamedOnce() {
    assertThat(run("agent", "chat", "a", "b", "--option", "x").err())
        .contains("Value for option '--option'");
  }

  @Test
  void globalOptionsComeLastInHelp() {
    String help = run("provider", "list", "--help").out();

    assertThat(help)
        .startsWith("Usage: agent-lab provider list [")
        .containsSubsequence("[GLOBAL OPTIONS]", "--all", "Global options:", "--json", "--url");
    assertThat(help.substring(0, help.indexOf("Global options:"))).doesNotContain("--url");
    assertThat(run("--help").out())
        .containsSubsequence("--version", "Commands:", "Global options:", "Exit codes:");
  }

  @Test
  void globalOptionsAreAcceptedAnywhere() {
    String unused = "http://127.0.0.1:1";

    assertThat(run("--json", "--url", unused, "provider", "list"))
        .isEqualTo(run("provider", "--url", unused, "list", "--json"))
        .isEqualTo(run("provider", "list", "--json", "--url", unused));
  }

  @Test
  void unreachableServiceErrorExplainsFix() {
    CommandRun run = run("provider", "list", "--url", "http://127.0.0.1:1");

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            "agent-lab is not reachable at http://127.0.0.1:1; start it with `./agent-lab serve`, or pass another address with --url or AGENT_LAB_URL");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:8080",
        "ftp://host",
        "http:///path",
        "a b",
        "http://u:pw@host",
        "http://u:pw @h"
      })
  void invalidAddressIsRejected(String url) {
    CommandRun run = run("provider", "list", "--url", url);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("must be an http or https URL").doesNotContain("pw");
  }

  @ParameterizedTest
  @CsvSource({
    "bash, -F _complete_agent-lab",
    "zsh, -F _complete_agent-lab",
    "fish, complete -c agent-lab"
  })
  void completionContainsCommandsAndOptions(String shell, String mark) {
    CommandRun run = run("completion", shell);

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains(mark, "provider", "secret-env", "revisions")
        .contains("key-file", "rotate", "providers:write", "invoke:AGENT")
        .doesNotContain("train ", "APP_HOME", "bash_profile", "picocli.info", "(see [");
  }

  @Test
  void completionOfZshWorksFromItsFunctionPath(@TempDir Path folder) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/zsh")), "zsh is not installed");
    Files.writeString(folder.resolve("_agent-lab"), run("completion", "zsh").out());
    // A terminal in which the tab key is pressed after a part of a command.
    String script =
        """
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "fpath=('$1' \\$fpath); autoload -Uz compinit && compinit -u -D; PS1=; echo rea''dy"
        zpty -r shell output '*ready*'
        zpty -w -n shell $'agent-lab prov\t'
        zpty -r shell output '*provider*'
        print -r -- "$output"
        zpty -w -n shell $'add --secret-e\t'
        zpty -r shell output '*--secret-env*'
        print -r -- "$output"
        zpty -d shell
        """;
    Process zsh =
        new ProcessBuilder("/usr/bin/zsh", "-f", "-c", script, "zsh", folder.toString())
            .redirectErrorStream(true)
            .start();
    zsh.getOutputStream().close();

    assertThat(zsh.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(new String(zsh.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("provider", "--secret-env");
  }

  @Test
  void completionOfAnUnknownShellNamesTheKnownOnes() {
    CommandRun run = run("completion", "csh");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("csh", "must be one of bash, zsh, fish");
  }

  @Test
  void versionNamesTheJavaRuntime() {
    CommandRun run = run("version", "--json");

    assertThat(run.code()).isZero();
    assertThat(run.json().get("java").asString()).isEqualTo(Runtime.version().toString());
    assertThat(run.json().propertyNames()).contains("version", "commit", "commit_time");
    assertThat(run("version").out()).startsWith("agent-lab ");
  }
}
