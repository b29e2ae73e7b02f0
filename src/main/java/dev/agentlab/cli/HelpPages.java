package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ScopeType;

/// The layout of help pages: what a command is about comes first, the options that every command
/// has come last, under a heading of their own.
final class HelpPages {
  private static final String GLOBAL_OPTIONS = "globalOptions";

  private HelpPages() {}

  /// Has a command and those below it explain themselves so.
  static void apply(CommandLine commands) {
    List<String> keys = new ArrayList<>(commands.getHelpSectionKeys());
    keys.add(keys.indexOf(UsageMessageSpec.SECTION_KEY_COMMAND_LIST) + 1, GLOBAL_OPTIONS);
    Map<String, IHelpSectionRenderer> sections = new HashMap<>(commands.getHelpSectionMap());
    sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, help -> list(help, it -> !global(it)));
    sections.put(
        GLOBAL_OPTIONS, help -> "%nGlobal options:%n".formatted() + list(help, HelpPages::global));
    commands.setHelpSectionMap(sections);
    commands.setHelpSectionKeys(keys);
    commands.setHelpFactory(Page::new);
  }

  private static boolean global(OptionSpec option) {
    return option.scopeType() == ScopeType.INHERIT;
  }

  private static String list(Help help, Predicate<OptionSpec> wanted) {
    return help.optionListExcludingGroups(
        help.commandSpec().options().stream().filter(wanted).toList());
  }

  /// One page, whose synopsis names the command's own options.
  private static final class Page extends Help {
    Page(CommandSpec command, ColorScheme colours) {
      super(command, colours);
    }

    @Override
    protected Text createDetailedSynopsisOptionsText(
        Collection<ArgSpec> done,
        List<OptionSpec> options,
        Comparator<OptionSpec> order,
        boolean clustered) {
      List<OptionSpec> own = options.stream().filter(it -> !global(it)).toList();
      return super.createDetailedSynopsisOptionsText(done, own, order, clustered)
          .concat(" [GLOBAL OPTIONS]");
    }
  }
}
