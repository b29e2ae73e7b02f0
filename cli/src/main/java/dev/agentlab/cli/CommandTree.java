package dev.agentlab.cli;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;

/// A command, or a group of commands. Its model, which picocli derives by reflection, is built only
/// if it is needed: that takes longer than most commands.
///
/// @param name the name in the command's annotation
/// @param command creates the object that picocli accepts
/// @param subcommands empty for a command that is not a group
public record CommandTree(String name, Supplier<Object> command, List<CommandTree> subcommands) {
  public CommandTree {
    subcommands = List.copyOf(subcommands);
  }

  public static CommandTree command(String name, Supplier<Object> command) {
    return new CommandTree(name, command, List.of());
  }

  /// Builds the model for a command line: of the command that it names, or of all commands if it
  /// names none.
  ///
  /// @param arguments those after the name of this command
  CommandLine build(List<String> arguments) {
    CommandLine built = new CommandLine(command.get());
    Optional<CommandTree> named =
        subcommands.stream()
            .filter(it -> !arguments.isEmpty() && it.name().equals(arguments.getFirst()))
            .findFirst();
    if (named.isPresent()) {
      List<String> rest = arguments.subList(1, arguments.size());
      built.addSubcommand(named.get().name(), named.get().build(rest));
    } else {
      subcommands.forEach(it -> built.addSubcommand(it.name(), it.build(List.of())));
    }
    return built;
  }
}
