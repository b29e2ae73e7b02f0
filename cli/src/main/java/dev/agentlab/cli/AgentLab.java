package dev.agentlab.cli;

import static dev.agentlab.cli.CommandTree.command;

import dev.agentlab.build.Build;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.json.Json;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line of the program.
@Command(
    name = "agent-lab",
    description = "A self-hosted registry of language-model providers and agents.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = AgentLab.VersionProvider.class,
    exitCodeListHeading = "%nExit codes:%n",
    footer = {
      "",
      "Environment variables:",
      "  AGENT_LAB_URL    Address of the service; default: http://127.0.0.1:8080",
      "  AGENT_LAB_KEY    API key; default: admin.key in the data folder on this machine",
      "  AGENT_LAB_CA     PEM file of additional certificate authorities to trust",
      "  AGENT_LAB_DEBUG  1 prints the stack trace of an error",
      "  NO_COLOR         Any value turns colours off"
    })
public final class AgentLab {
  /// Names that other programs use for subcommands, with the names used here.
  private static final Map<String, List<String>> SYNONYMS =
      Map.of(
          "rename", List.of("update NAME --name OTHER"),
          "edit", List.of("update"),
          "delete", List.of("remove", "revoke"),
          "create", List.of("add"),
          "add", List.of("create"),
          "get", List.of("show"),
          "run", List.of("chat"));

  private AgentLab() {}

  /// Runs one command.
  ///
  /// @return the exit code for the shell
  public static int run(CommandExtension extension, String... arguments) {
    Map<String, String> environment = System.getenv();
    Path directory = Path.of("").toAbsolutePath();
    String home = System.getProperty("agent-lab.config", System.getProperty("agent-lab.home"));
    return run(
        extension,
        new LaunchContext(
            environment,
            directory,
            home == null ? directory : Path.of(home),
            createTerminal(environment)),
        arguments);
  }

  private static Terminal createTerminal(Map<String, String> environment) {
    Optional<Console> console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
    boolean colour =
        console.isPresent()
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
    return new Terminal(
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        System.in,
        console.map(ConsoleKeyboard::new),
        colour);
  }

  /// The keyboard at the JVM's console.
  private record ConsoleKeyboard(Console console) implements Terminal.Keyboard {
    @Override
    public Optional<String> readLine(String prompt) {
      return Optional.ofNullable(console.readLine("%s", prompt));
    }

    @Override
    public Optional<String> readSecret(String prompt) {
      return Optional.ofNullable(console.readPassword("%s", prompt)).map(String::new);
    }

    @Override
    public Terminal.LineEditor openEditor(BooleanSupplier interrupt) {
      return JLineEditor.open(interrupt);
    }
  }

  static int run(CommandExtension extension, LaunchContext launchContext, String... arguments) {
    Terminal terminal = launchContext.terminal();
    try (CommandContext context = new CommandContext(launchContext, extension)) {
      CommandLine commands = createCommandLine(context, extension, List.of(arguments));
      commands
          .setOut(terminal.out())
          .setErr(terminal.err())
          .setColorScheme(
              CommandLine.Help.defaultColorScheme(terminal.colour() ? Ansi.ON : Ansi.OFF))
          .setParameterExceptionHandler((e, _) -> handleUsageError(e))
          .setExecutionExceptionHandler((e, _, _) -> handleFailure(e, context));
      commands.getCommandSpec().usageMessage().exitCodeList(ExitCode.meanings());
      return commands.execute(arguments);
    }
  }

  /// The root command, with the subcommand that the arguments name, or all of them.
  static CommandLine createCommandLine(
      CommandContext context, CommandExtension extension, List<String> arguments) {
    CommandLine commands = commandTree(context, extension).build(arguments);
    commands.addMixin("context", context);
    commands
        .getCommandSpec()
        .addOption(
            OptionSpec.builder("--version")
                .versionHelp(true)
                .description("Print the version.")
                .build())
        .addOption(
            OptionSpec.builder("-h", "--help")
                .scopeType(ScopeType.INHERIT)
                .usageHelp(true)
                .description("Print help for the command.")
                .build());
    commands
        .registerConverter(Integer.class, text -> parseNumber(text, Integer::valueOf))
        .registerConverter(int.class, text -> parseNumber(text, Integer::valueOf))
        .registerConverter(Long.class, text -> parseNumber(text, Long::valueOf));
    HelpPages.apply(commands);
    return commands;
  }

  private static CommandTree commandTree(CommandContext context, CommandExtension extension) {
    List<CommandTree> commands = new ArrayList<>(extension.commands(context));
    List<CommandTree> keyCommands =
        new ArrayList<>(
            List.of(
                command("create", () -> new KeyCreateCommand(context)),
                command("list", () -> new KeyListCommand(context)),
                command("show", () -> new KeyShowCommand(context)),
                command("rotate", () -> new KeyRotateCommand(context)),
                command("revoke", () -> new KeyRevokeCommand(context)),
                command("self", () -> new KeySelfCommand(context))));
    keyCommands.addAll(extension.keyCommands(context));
    commands.addAll(
        List.of(
            new CommandTree(
                "provider",
                ProviderCommands::new,
                List.of(
                    command("add", () -> new ProviderAddCommand(context)),
                    command("update", () -> new ProviderUpdateCommand(context)),
                    command("list", () -> new ProviderListCommand(context)),
                    command("show", () -> new ProviderShowCommand(context)),
                    command("test", () -> new ProviderProbeCommand(context)),
                    command("models", () -> new ProviderModelsCommand(context)),
                    command("kinds", () -> new ProviderKindListCommand(context)),
                    command("remove", () -> new ProviderRemoveCommand(context)))),
            new CommandTree(
                "agent",
                AgentCommands::new,
                List.of(
                    command("add", () -> new AgentAddCommand(context)),
                    command("update", () -> new AgentUpdateCommand(context)),
                    command("list", () -> new AgentListCommand(context)),
                    command("show", () -> new AgentShowCommand(context)),
                    command("chat", () -> new AgentChatCommand(context)),
                    command("revisions", () -> new AgentRevisionsCommand(context)),
                    command("restore", () -> new AgentRestoreCommand(context)),
                    command("remove", () -> new AgentRemoveCommand(context)))),
            new CommandTree(
                "route",
                RouteCommands::new,
                List.of(
                    command("add", () -> new RouteAddCommand(context)),
                    command("update", () -> new RouteUpdateCommand(context)),
                    command("list", () -> new RouteListCommand(context)),
                    command("show", () -> new RouteShowCommand(context)),
                    command("explain", () -> new RouteExplainCommand(context)),
                    command("stats", () -> new RouteStatsCommand(context)),
                    command("revisions", () -> new RouteRevisionsCommand(context)),
                    command("restore", () -> new RouteRestoreCommand(context)),
                    command("remove", () -> new RouteRemoveCommand(context)))),
            new CommandTree("key", KeyCommands::new, keyCommands),
            command("login", () -> new LoginCommand(context)),
            new CommandTree(
                "calls",
                CallsCommands::new,
                List.of(
                    command("list", () -> new CallsListCommand(context)),
                    command("get", () -> new CallsGetCommand(context)))),
            new CommandTree(
                "audit",
                AuditCommands::new,
                List.of(
                    command("list", () -> new AuditListCommand(context)),
                    command("verify", () -> new AuditVerifyCommand(context)))),
            new CommandTree(
                "secrets",
                SecretsCommands::new,
                List.of(
                    command("status", () -> new SecretsStatusCommand(context)),
                    command("rotate", () -> new SecretsRotateCommand(context)))),
            new CommandTree(
                "connect",
                ConnectCommands::new,
                List.of(
                    command("openai", () -> new ConnectOpenAiCommand(context)),
                    command("claude", () -> new ConnectClaudeCommand(context)),
                    command("gemini", () -> new ConnectGeminiCommand(context)),
                    command("codex", () -> new ConnectCodexCommand(context)),
                    command("opencode", () -> new ConnectOpenCodeCommand(context)),
                    command("cline", () -> new ConnectClineCommand(context)))),
            command("health", () -> new HealthCommand(context)),
            command("version", () -> new VersionCommand(context)),
            command("train", () -> new AotTrainingCommand(context)),
            command(
                "completion",
                () ->
                    new CompletionCommand(
                        context, () -> createCommandLine(context, extension, List.of())))));
    return new CommandTree("agent-lab", AgentLab::new, commands);
  }

  private static <T> T parseNumber(String text, Function<String, T> parse) {
    try {
      return parse.apply(text);
    } catch (NumberFormatException _) {
      throw new TypeConversionException("must be an integer, was \"%s\"".formatted(text));
    }
  }

  /// Prints what is wrong with the command line and how to get help.
  private static int handleUsageError(ParameterException e) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    // For an option whose value is a map, picocli writes "option option".
    String message = String.valueOf(e.getMessage()).replace("option option", "option");
    err.println(ClientCredential.maskKeys(Terminal.sanitize(message)));
    if (e instanceof UnmatchedArgumentException || command.getSubcommands().isEmpty()) {
      findSuggestion(e).ifPresent(text -> err.printf("Did you mean: %s?%n", text));
      err.printf("Run `%s --help` for usage.%n", command.getCommandSpec().qualifiedName());
    } else {
      command.usage(err);
    }
    err.flush();
    return ExitCode.USAGE.number();
  }

  private static Optional<String> findSuggestion(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return Optional.empty();
    }
    CommandLine command = e.getCommandLine();
    String word = unmatched.getUnmatched().getFirst();
    return unmatched.isUnknownOption()
        ? Spelling.likelyMatch(
            word.split("=", 2)[0], command.getCommandSpec().optionsMap().keySet())
        : Spelling.likelyMatch(word, command.getSubcommands().keySet())
            .or(() -> findSynonym(word, command))
            .map(name -> command.getCommandSpec().qualifiedName() + " " + name);
  }

  /// The subcommand that other programs call by this name, or the only one of a group with it.
  private static Optional<String> findSynonym(String word, CommandLine command) {
    Map<String, CommandLine> known = command.getSubcommands();
    Optional<String> alias =
        SYNONYMS.getOrDefault(word, List.of()).stream()
            .filter(name -> known.containsKey(name.split(" ", 2)[0]))
            .findFirst();
    List<String> groups =
        known.entrySet().stream()
            .filter(group -> group.getValue().getSubcommands().containsKey(word))
            .map(group -> group.getKey() + " " + word)
            .toList();
    return alias.or(() -> groups.size() == 1 ? groups.stream().findFirst() : Optional.empty());
  }

  private static int handleFailure(Exception e, CommandContext context) {
    PrintWriter err = context.terminal().err();
    CommandFailure failure = toCommandFailure(e);
    if (context.json()) {
      err.println(
          ClientCredential.maskKeys(
              Terminal.escapeControlCharacters(Json.MAPPER.writeValueAsString(failure.toJson()))));
    } else {
      err.println(ClientCredential.maskKeys(Terminal.sanitize(failure.message())));
    }
    if ("1".equals(context.launchContext().environment().get("AGENT_LAB_DEBUG"))) {
      e.printStackTrace(err);
    }
    err.flush();
    return failure.code().number();
  }

  private static CommandFailure toCommandFailure(Exception e) {
    return switch (e) {
      case CommandFailure failure -> failure;
      case UnavailableException _ ->
          new CommandFailure(ExitCode.UNREACHABLE, String.valueOf(e.getMessage()));
      default -> new CommandFailure(ExitCode.FAILURE, "unexpected error: " + e);
    };
  }

  static final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"agent-lab " + Build.current().version()};
    }
  }
}
