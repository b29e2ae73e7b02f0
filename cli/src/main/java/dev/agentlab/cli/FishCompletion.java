package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// A completion script for fish, which picocli does not write.
final class FishCompletion {
  /// Two conditions on the words before the cursor that are not options: they are exactly, or begin
  /// with, a command.
  private static final String CONDITIONS =
      """
      # Completion for agent-lab in fish, written by `agent-lab completion fish`.

      function __agent_lab_words
        for word in (commandline -opc)[2..-1]
          string match -q -- '-*' $word; or echo $word
        end
      end

      function __agent_lab_is
        test "$(__agent_lab_words)" = "$argv"
      end

      function __agent_lab_in
        set -l words (__agent_lab_words)
        test "$words[1..$(count $argv)]" = "$argv"
      end

      complete -c agent-lab -f
      """;

  private FishCompletion() {}

  /// Writes the script for a command with its subcommands.
  static String of(CommandLine commands) {
    List<String> lines = new ArrayList<>();
    add(commands, List.of(), lines);
    return CONDITIONS + String.join("\n", lines) + "\n";
  }

  private static void add(CommandLine command, List<String> path, List<String> lines) {
    String words = path.stream().map(" "::concat).collect(Collectors.joining());
    command
        .getSubcommands()
        .forEach((name, subcommand) -> {
          CommandSpec spec = subcommand.getCommandSpec();
          if (!spec.usageMessage().hidden()) {
            lines.add(
                "complete -c agent-lab -n '__agent_lab_is%s' -a %s -d %s"
                    .formatted(words, name, quote(HelpPages.summary(spec))));
            List<String> subpath = new ArrayList<>(path);
            subpath.add(name);
            add(subcommand, subpath, lines);
          }
        });
    if (command.getSubcommands().isEmpty()) {
      command.getCommandSpec().options().stream()
          .filter(option -> !option.hidden())
          .forEach(option -> lines.add(line(words, option)));
    }
  }

  private static String line(String words, OptionSpec option) {
    StringBuilder line =
        new StringBuilder("complete -c agent-lab -n '__agent_lab_in%s'".formatted(words));
    for (String name : option.names()) {
      line.append(' ').append(flag(name));
    }
    if (option.arity().max() > 0) {
      line.append(option.completionCandidates() == null ? " -rF" : " -x");
    }
    if (option.completionCandidates() != null) {
      line.append(" -a ")
          .append(
              quote(
                  StreamSupport.stream(option.completionCandidates().spliterator(), false)
                      .collect(Collectors.joining(" "))));
    }
    String description = String.join(" ", option.description());
    return line.append(" -d ").append(quote(firstSentence(description))).toString();
  }

  /// How fish declares an option: `-l url`, `-s q`, or `-o dsn` for one dash and several letters.
  private static String flag(String name) {
    if (name.startsWith("--")) {
      return "-l " + name.substring(2);
    }
    return (name.length() == 2 ? "-s " : "-o ") + name.substring(1);
  }

  private static String firstSentence(String text) {
    int end = text.indexOf(". ");
    return end < 0 ? text : text.substring(0, end + 1);
  }

  private static String quote(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
