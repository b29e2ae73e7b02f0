package dev.agentlab.config;

import dev.agentlab.errors.Spelling;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;
import tools.jackson.dataformat.toml.TomlMapper;
import tools.jackson.dataformat.toml.TomlReadFeature;

/// Reads a configuration file in TOML 1.0. A file that does not exist counts as empty.
final class TomlFileReader {
  // Parsed as dates, so that an unquoted date is rejected where text is expected.
  private static final ObjectMapper TOML =
      TomlMapper.builder().enable(TomlReadFeature.PARSE_JAVA_TIME).build();

  private static final Pattern BARE = Pattern.compile("[A-Za-z0-9_-]+");

  private static final Pattern ASSIGNMENT =
      Pattern.compile(
          "\\s*+((?:[A-Za-z0-9_-]++|\"(?:[^\"\\\\]|\\\\.)*+\"|'[^']*+'|\\s*+\\.\\s*+)++)\\s*+=.*");

  private static final Map<String, Setting<?>> KEYS =
      Settings.ALL.stream().collect(Collectors.toMap(Setting::key, key -> key));

  private static final List<String> TABLES =
      Settings.ALL.stream().flatMap(key -> key.table().stream()).distinct().toList();

  private final String name;
  private final SettingValues values;

  private TomlFileReader(String name, SettingValues values) {
    this.name = name;
    this.values = values;
  }

  /// Adds the file's values and errors.
  ///
  /// @return whether the file could be read, or does not exist
  static boolean read(Path directory, String name, SettingValues values) {
    TomlFileReader file = new TomlFileReader(name, values);
    String text = "";
    try {
      text = Files.readString(directory.resolve(name));
      file.table(TOML.readTree(text), "");
      return true;
    } catch (NoSuchFileException _) {
      return true;
    } catch (CharacterCodingException _) {
      file.rejectFile("whole file", "must be UTF-8 text");
    } catch (AccessDeniedException _) {
      file.rejectFile("whole file", "cannot be read: permission denied");
    } catch (IOException e) {
      file.rejectFile("whole file", "cannot be read: " + e.getMessage());
    } catch (JacksonException e) {
      if (!isDuplicateKey(e) || !file.reportsDuplicateKey(text.lines().toList())) {
        file.rejectFile(place(e.getLocation()), problem(e));
      }
    }
    return false;
  }

  /// Reports a duplicate key with its line. The parser notices it only after the value, and does
  /// not name it.
  private boolean reportsDuplicateKey(List<String> lines) {
    int start = 0;
    for (int end = 1; end <= lines.size(); end++) {
      try {
        var _ = TOML.readTree(String.join("\n", lines.subList(0, end)));
        start = end;
      } catch (JacksonException e) {
        Matcher assignment = ASSIGNMENT.matcher(lines.get(start));
        if (isDuplicateKey(e) && assignment.matches()) {
          rejectFile("line " + (start + 1), "must give a key once: " + assignment.group(1).strip());
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isDuplicateKey(JacksonException e) {
    return e.getOriginalMessage().equals("Duplicate key");
  }

  private void rejectFile(String place, String problem) {
    values.reject(new ConfigError(name, Optional.empty(), place, problem));
  }

  private static String place(TokenStreamLocation location) {
    return location == null
        ? "whole file"
        : "line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  /// The parser's message without the invalid text, which may be a secret.
  private static String problem(JacksonException e) {
    return "must be TOML: " + e.getOriginalMessage().replaceFirst("(?s) \\('.*", "");
  }

  private void table(JsonNode table, String prefix) {
    for (Map.Entry<String, JsonNode> entry : table.properties()) {
      String path = prefix + quoted(entry.getKey());
      JsonNode value = entry.getValue();
      Setting<?> key = KEYS.get(path);
      if (key != null) {
        values.set(key, value, name);
      } else if (!TABLES.contains(path)) {
        rejectUnknown(path, value.isObject());
      } else if (value instanceof ObjectNode) {
        table(value, path + ".");
      } else {
        values.reject(
            new ConfigError(path, Optional.empty(), name, "must be a table: [" + path + "]"));
      }
    }
  }

  // The value is not shown: the key may be a misspelt password.
  private void rejectUnknown(String path, boolean table) {
    List<String> known = table ? TABLES : Settings.ALL.stream().map(Setting::key).toList();
    String problem =
        "is not a known %s; the nearest is %s"
            .formatted(table ? "table" : "key", Spelling.nearest(path, known));
    values.reject(new ConfigError(path, Optional.empty(), name, problem));
  }

  /// A key's name as written in a file, so that a name with a dot is not mistaken for a path.
  private static String quoted(String name) {
    return BARE.matcher(name).matches() ? name : StringNode.valueOf(name).toString();
  }
}
