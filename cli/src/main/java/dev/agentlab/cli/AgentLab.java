package dev.agentlab.cli;

import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.json.Json;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
      "  AGENT_LAB_KEY    API key; default: data/admin.key in the current folder",
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
    String home = System.getProperty("agent-lab.home");
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
      CommandLine commands = createCommandLine(context, extension);
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

  /// The root command with all subcommands.
  static CommandLine createCommandLine(CommandContext context, CommandExtension extension) {
    CommandLine commands = new CommandLine(new AgentLab());
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
    extension.commands(context).forEach(commands::addSubcommand);
    commands
        .addSubcommand(
            new CommandLine(new ProviderCommands())
                .addSubcommand(new ProviderAddCommand(context))
                .addSubcommand(new ProviderUpdateCommand(context))
                .addSubcommand(new ProviderListCommand(context))
                .addSubcommand(new ProviderShowCommand(context))
                .addSubcommand(new ProviderProbeCommand(context))
                .addSubcommand(new ProviderModelsCommand(context))
                .addSubcommand(new ProviderKindListCommand(context))
                .addSubcommand(new ProviderRemoveCommand(context)))
        .addSubcommand(
            new CommandLine(new AgentCommands())
                .addSubcommand(new AgentAddCommand(context))
                .addSubcommand(new AgentUpdateCommand(context))
                .addSubcommand(new AgentListCommand(context))
                .addSubcommand(new AgentShowCommand(context))
                .addSubcommand(new AgentChatCommand(context))
                .addSubcommand(new AgentRevisionsCommand(context))
                .addSubcommand(new AgentRestoreCommand(context))
                .addSubcommand(new AgentRemoveCommand(context)))
        .addSubcommand(createKeyCommands(context, extension))
        .addSubcommand(
            new CommandLine(new AuditCommands())
                .addSubcommand(new AuditListCommand(context))
                .addSubcommand(new AuditVerifyCommand(context)))
        .addSubcommand(
            new CommandLine(new SecretsCommands())
                .addSubcommand(new SecretsStatusCommand(context))
                .addSubcommand(new SecretsRotateCommand(context)))
        .addSubcommand(new CompletionCommand(context));
    commands
        .registerConverter(Integer.class, text -> parseNumber(text, Integer::valueOf))
        .registerConverter(int.class, text -> parseNumber(text, Integer::valueOf))
        .registerConverter(Long.class, text -> parseNumber(text, Long::valueOf));
    HelpPages.apply(commands);
    return commands;
  }

  private static CommandLine createKeyCommands(CommandContext context, CommandExtension extension) {
    CommandLine commands =
        new CommandLine(new KeyCommands())
            .addSubcommand(new KeyCreateCommand(context))
            .addSubcommand(new KeyListCommand(context))
            .addSubcommand(new KeyShowCommand(context))
            .addSubcommand(new KeyRotateCommand(context))
            .addSubcommand(new KeyRevokeCommand(context))
            .addSubcommand(new KeySelfCommand(context));
    extension.keyCommands(context).forEach(commands::addSubcommand);
    return commands;
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

  /// The version in the jar's manifest.
  static final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "agent-lab "
            + Optional.ofNullable(AgentLab.class.getPackage().getImplementationVersion())
                .orElse("(not packaged)")
      };
    }
  }
}
