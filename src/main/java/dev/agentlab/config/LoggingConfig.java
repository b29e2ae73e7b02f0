package dev.agentlab.config;

/// What is logged, and how it looks.
///
/// @param level the least severe that is logged
public record LoggingConfig(Level level, Format format) {

  /// How severe an event is.
  public enum Level {
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  /// How an event is written.
  public enum Format {
    /// A line for people.
    TEXT,
    /// A JSON object on a line, for programs.
    JSON
  }
}
