package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ScopeType;

/// The layout of help pages. The options of the command come first; the global options come last,
/// under a separate heading.
final class HelpPages {
  private static final String GLOBAL_OPTIONS = "globalOptions";

  private HelpPages() {}

  /// Applies the layout to a command and its subcommands.
  static void apply(CommandLine commands) {
    List<String> keys = new ArrayList<>(commands.getHelpSectionKeys());
    keys.add(keys.indexOf(UsageMessageSpec.SECTION_KEY_COMMAND_LIST) + 1, GLOBAL_OPTIONS);
    Map<String, IHelpSectionRenderer> sections = new HashMap<>(commands.getHelpSectionMap());
    sections.put(
        UsageMessageSpec.SECTION_KEY_OPTION_LIST, help -> optionList(help, it -> !isGlobal(it)));
    sections.put(
        GLOBAL_OPTIONS,
        help -> "%nGlobal options:%n".formatted() + optionList(help, HelpPages::isGlobal));
    commands.setHelpSectionMap(sections);
    commands.setHelpSectionKeys(keys);
    commands.setHelpFactory(Page::new);
  }

  private static boolean isGlobal(OptionSpec option) {
    return option.scopeType() == ScopeType.INHERIT;
  }

  private static String optionList(Help help, Predicate<OptionSpec> filter) {
    return help.optionListExcludingGroups(
        help.commandSpec().options().stream().filter(filter).toList());
  }

  /// The summary of a command in a list of commands: the first sentence of its description.
  static String summary(CommandSpec command) {
    String paragraph =
        Stream.of(command.usageMessage().description())
            .takeWhile(line -> !line.isEmpty())
            .collect(Collectors.joining(" "));
    int end = paragraph.indexOf(". ");
    return end < 0 ? paragraph : paragraph.substring(0, end + 1);
  }

  /// A help page whose synopsis lists the command's own options and whose lines break only between
  /// words.
  private static final class Page extends Help {
    /// The number of columns before and after the name of a command in a list.
    private static final int MARGIN = 2;

    Page(CommandSpec command, ColorScheme colours) {
      super(command, colours);
    }

    @Override
    protected Text createDetailedSynopsisOptionsText(
        Collection<ArgSpec> done,
        List<OptionSpec> options,
        Comparator<OptionSpec> order,
        boolean clustered) {
      List<OptionSpec> own = options.stream().filter(it -> !isGlobal(it)).toList();
      return super.createDetailedSynopsisOptionsText(done, own, order, clustered)
          .concat(" [GLOBAL OPTIONS]");
    }

    @Override
    public String description(Object... values) {
      return paragraphs(commandSpec().usageMessage().description(), values);
    }

    @Override
    public String footer(Object... values) {
      return paragraphs(commandSpec().usageMessage().footer(), values);
    }

    private String paragraphs(String[] lines, Object... values) {
      WordTable table = new WordTable(colorScheme(), column(width(), 0));
      table.indentWrappedLines = 0;
      for (String line : lines) {
        for (Text text : colorScheme().text(line.formatted(values)).splitLines()) {
          table.addRowValues(text);
        }
      }
      return table.toString();
    }

    @Override
    public String commandList(Map<String, Help> commands) {
      int name = MARGIN + commands.keySet().stream().mapToInt(String::length).max().orElse(0);
      WordTable table =
          new WordTable(colorScheme(), column(name, MARGIN), column(width() - name, MARGIN));
      for (Help command : commands.values()) {
        table.addRowValues(
            command.commandNamesText(", "), colorScheme().text(summary(command.commandSpec())));
      }
      return table.toString();
    }

    private int width() {
      return commandSpec().usageMessage().width();
    }

    private static Column column(int width, int indent) {
      return new Column(width, indent, Column.Overflow.WRAP);
    }

    @Override
    public Layout createDefaultLayout(
        List<OptionSpec> options, List<PositionalParamSpec> positionals, ColorScheme colours) {
      Layout layout = super.createDefaultLayout(options, positionals, colours);
      return new Layout(
          colours,
          new WordTable(colours, layout.textTable().columns()),
          layout.optionRenderer(),
          layout.parameterRenderer());
    }
  }

  /// A table that breaks lines at spaces. The default table also breaks them within `config.toml`
  /// and `http://host`.
  private static final class WordTable extends TextTable {
    WordTable(ColorScheme colours, Column... columns) {
      super(colours, columns);
    }

    @Override
    public Cell putValue(int row, int column, Text value) {
      Column place = columns()[column];
      int line = row;
      Text rest = value;
      if (place.overflow == Column.Overflow.WRAP) {
        int end = breakIndex(rest, place.width - place.indent);
        while (end > 0) {
          var _ = super.putValue(line, column, rest.substring(0, end));
          addEmptyRow();
          line++;
          String indent = " ".repeat(indentWrappedLines);
          rest = rest.substring(0, 0).concat(indent).concat(rest.substring(end + 1));
          end = breakIndex(rest, place.width - place.indent);
        }
      }
      return super.putValue(line, column, rest);
    }

    /// The index of the space at which to break a line; 0 if it fits or has no such space.
    private static int breakIndex(Text text, int width) {
      String plain = text.plainString();
      int indent = plain.length() - plain.stripLeading().length();
      int space = plain.length() <= width ? 0 : plain.lastIndexOf(' ', width);
      return space > indent ? space : 0;
    }
  }
}
