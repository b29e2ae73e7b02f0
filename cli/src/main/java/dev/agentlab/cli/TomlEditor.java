package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Sets keys in the text of a TOML file (https://toml.io/en/v1.0.0). Everything else in the text
/// stays as it is: comments, the order of keys and tables, and spaces.
///
/// Keys are given as paths: `model_providers`, `agent-lab`, `name`.
final class TomlEditor {
  private final String name;
  private String text;

  /// An editor of a text.
  ///
  /// @param name the name of the file for messages
  /// @throws CommandFailure if the text is not TOML
  TomlEditor(String name, String text) {
    this.name = name;
    this.text = text;
    var _ = parse();
  }

  String text() {
    return text;
  }

  /// Whether the file has a value for the key.
  boolean has(List<String> path) {
    return parse().entries().stream().anyMatch(it -> it.path().equals(path));
  }

  /// Sets a key to a text.
  ///
  /// @throws CommandFailure if another value is in place of a table
  void set(List<String> path, String value) {
    // The strings of JSON are strings of TOML.
    String written = Json.MAPPER.writeValueAsString(value);
    Document document = parse();
    Optional<Entry> present =
        document.entries().stream().filter(it -> it.path().equals(path)).findFirst();
    if (present.isPresent()) {
      replace(present.get().valueStart(), present.get().valueEnd(), written);
      return;
    }
    document.entries().stream()
        .filter(it -> startsWith(path, it.path()))
        .findFirst()
        .ifPresent(it -> {
          throw new CommandFailure(
              ExitCode.USAGE,
              "%s: %s must be a table with a heading of its own"
                  .formatted(name, String.join(".", it.path())));
        });
    add(document, path, written);
  }

  /// Removes a key, if the file has it.
  void remove(List<String> path) {
    parse().entries().stream()
        .filter(it -> it.path().equals(path))
        .findFirst()
        .ifPresent(it -> replace(it.start(), it.end(), ""));
  }

  private void add(Document document, List<String> path, String value) {
    List<String> table = path.subList(0, path.size() - 1);
    // A table may also be written as keys with dots in a table above it.
    Optional<Entry> neighbour =
        document.entries().stream()
            .filter(it -> startsWith(it.path(), table) && it.table().size() <= table.size())
            .reduce((_, last) -> last);
    Optional<Heading> heading =
        document.headings().stream().filter(it -> it.path().equals(table)).findFirst();
    if (neighbour.isPresent()) {
      List<String> key = path.subList(neighbour.get().table().size(), path.size());
      insert(neighbour.get().end(), line(key, value));
    } else if (heading.isPresent()) {
      insert(heading.get().end(), line(path.subList(table.size(), path.size()), value));
    } else if (table.isEmpty()) {
      String blank = document.headings().isEmpty() ? "" : "\n";
      insert(0, line(path, value) + blank);
    } else {
      String blank = text.isBlank() ? "" : "\n";
      insert(
          text.length(),
          "%s[%s]\n%s".formatted(blank, key(table), line(List.of(path.getLast()), value)));
    }
  }

  private void insert(int offset, String lines) {
    boolean isInLine = offset > 0 && text.charAt(offset - 1) != '\n';
    replace(offset, offset, isInLine ? "\n" + lines : lines);
  }

  private void replace(int start, int end, String replacement) {
    text = text.substring(0, start) + replacement + text.substring(end);
  }

  private static String line(List<String> path, String value) {
    return "%s = %s\n".formatted(key(path), value);
  }

  private static String key(List<String> path) {
    return String.join(".", path);
  }

  private static boolean startsWith(List<String> path, List<String> start) {
    return path.size() > start.size() && path.subList(0, start.size()).equals(start);
  }

  /// A key with its value.
  ///
  /// @param table the path of its table
  /// @param path its own path
  /// @param start where its line begins
  /// @param valueStart where its value begins
  /// @param valueEnd the end of its value
  /// @param end the end of its last line
  private record Entry(
      List<String> table, List<String> path, int start, int valueStart, int valueEnd, int end) {}

  /// The heading of a table.
  ///
  /// @param end the end of its line
  private record Heading(List<String> path, int end) {}

  private record Document(List<Heading> headings, List<Entry> entries) {}

  private Document parse() {
    return new Parser().parse();
  }

  /// Finds the places of headings and keys.
  private final class Parser {
    /// The name of an element of an array of tables, which no path has.
    private static final String ELEMENT = "[]";

    private final List<Heading> headings = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private List<String> table = List.of();
    private int at;

    Document parse() {
      skipLines();
      while (at < text.length()) {
        if (text.charAt(at) == '[') {
          parseHeading();
        } else {
          parseEntry();
        }
        skipLines();
      }
      return new Document(headings, entries);
    }

    private void parseHeading() {
      boolean isArray = text.startsWith("[[", at);
      at += isArray ? 2 : 1;
      List<String> path = parseKey();
      expect(isArray ? "]]" : "]");
      endLine();
      if (isArray) {
        path.add(ELEMENT);
      }
      table = path;
      headings.add(new Heading(path, at));
    }

    private void parseEntry() {
      int start = text.lastIndexOf('\n', at) + 1;
      List<String> path = new ArrayList<>(table);
      path.addAll(parseKey());
      expect("=");
      skipSpaces();
      int valueStart = at;
      skipValue();
      int valueEnd = at;
      endLine();
      entries.add(new Entry(table, path, start, valueStart, valueEnd, at));
    }

    /// The parts of a key between dots.
    private List<String> parseKey() {
      List<String> path = new ArrayList<>();
      do {
        skipSpaces();
        int start = at;
        char quote = current();
        if (quote == '"' || quote == '\'') {
          skipValue();
          path.add(text.substring(start + 1, at - 1));
        } else {
          while (isPartOfKey(current())) {
            at++;
          }
          require(at > start);
          path.add(text.substring(start, at));
        }
        skipSpaces();
      } while (accept("."));
      return path;
    }

    private void skipValue() {
      char first = current();
      if (first == '"' || first == '\'') {
        String quote = String.valueOf(first);
        String delimiter = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
        skipString(delimiter);
      } else if (first == '[' || first == '{') {
        skipBrackets();
      } else {
        skipLiteral();
      }
    }

    /// Numbers, booleans, and times, which may have a space; in braces keys too.
    private void skipLiteral() {
      int start = at;
      while (at < text.length() && ",]}#=\"'\r\n".indexOf(current()) < 0) {
        at++;
      }
      while (at > start && Character.isWhitespace(text.charAt(at - 1))) {
        at--;
      }
      require(at > start);
    }

    private void skipString(String delimiter) {
      at += delimiter.length();
      while (!text.startsWith(delimiter, at)) {
        require(at < text.length() && (delimiter.length() > 1 || current() != '\n'));
        at += delimiter.charAt(0) == '"' && current() == '\\' ? 2 : 1;
      }
      at += delimiter.length();
      // Up to two quotation marks may stand before the delimiter.
      while (delimiter.length() > 1 && current() == delimiter.charAt(0)) {
        at++;
      }
    }

    private void skipBrackets() {
      char close = current() == '[' ? ']' : '}';
      at++;
      while (true) {
        skipLines();
        if (accept(String.valueOf(close))) {
          return;
        }
        require(at < text.length());
        if (current() == ',' || current() == '=') {
          at++;
        } else {
          skipValue();
        }
      }
    }

    /// Skips spaces, comments and ends of lines.
    private void skipLines() {
      skipSpaces();
      while (current() == '#' || current() == '\n' || current() == '\r') {
        skipComment();
        if (at < text.length()) {
          at++;
        }
        skipSpaces();
      }
    }

    private void skipComment() {
      if (current() == '#') {
        int lineEnd = text.indexOf('\n', at);
        at = lineEnd < 0 ? text.length() : lineEnd;
      }
    }

    private void endLine() {
      skipSpaces();
      skipComment();
      var _ = accept("\r");
      require(at == text.length() || current() == '\n');
      at = Math.min(at + 1, text.length());
    }

    private void skipSpaces() {
      while (current() == ' ' || current() == '\t') {
        at++;
      }
    }

    private void expect(String expected) {
      require(accept(expected));
    }

    private boolean accept(String expected) {
      boolean matches = text.startsWith(expected, at);
      at += matches ? expected.length() : 0;
      return matches;
    }

    /// The character, or NUL at the end, which is in no TOML file.
    private char current() {
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private void require(boolean isValid) {
      if (!isValid) {
        long line = text.substring(0, Math.min(at, text.length())).lines().count();
        throw new CommandFailure(
            ExitCode.USAGE, "%s is not valid TOML: line %d".formatted(name, Math.max(line, 1)));
      }
    }

    private static boolean isPartOfKey(char c) {
      return isBetween(c, 'a', 'z')
          || isBetween(c, 'A', 'Z')
          || isBetween(c, '0', '9')
          || c == '_'
          || c == '-';
    }

    private static boolean isBetween(char c, char first, char last) {
      return first <= c && c <= last;
    }
  }
}
