package dev.agentlab.cli;

import java.util.regex.Pattern;
import picocli.AutoComplete;
import picocli.CommandLine;

/// The completion scripts for bash and zsh: that of picocli, without its instructions, which are
/// for other installations.
final class BashCompletion {
  /// The first and the last comment of picocli's script around its functions.
  private static final String FUNCTIONS = "# CompWordsContainsArray takes";

  private static final String REGISTRATION = "# Define a completion specification";

  /// A reference to a list of picocli's first comment.
  private static final Pattern REFERENCE = Pattern.compile(" ?\\(see \\[\\d+]\\)");

  private BashCompletion() {}

  static String bash(CommandLine commands) {
    return """
    # Completion for agent-lab in bash, written by `agent-lab completion bash`. Installed as
    # /usr/local/share/bash-completion/completions/agent-lab, it is loaded at the first use.

    shopt -s progcomp

    %s\
    complete -o default -F _complete_agent-lab agent-lab
    """
        .formatted(functions(commands));
  }

  /// zsh calls an autoloaded file as a function. It then defines the functions, registers them, and
  /// completes for the first time.
  static String zsh(CommandLine commands) {
    return """
    #compdef agent-lab
    # Completion for agent-lab in zsh, written by `agent-lab completion zsh`. Installed as
    # /usr/local/share/zsh/site-functions/_agent-lab, it is loaded at the first use.

    if ! type compdef > /dev/null; then
      autoload -U +X compinit && compinit
    fi
    autoload -U +X bashcompinit && bashcompinit

    %s\
    complete -o default -F _complete_agent-lab agent-lab
    if [ "${funcstack[1]}" = _agent-lab ]; then
      _bash_complete -o default -F _complete_agent-lab
    fi
    """
        .formatted(functions(commands));
  }

  private static String functions(CommandLine commands) {
    String script = AutoComplete.bash("agent-lab", commands);
    return REFERENCE
        .matcher(script.substring(script.indexOf(FUNCTIONS), script.indexOf(REGISTRATION)))
        .replaceAll("");
  }
}
