package dev.agentlab.logging;

/// The format of the log.
public enum LogFormat {
  /// Human-readable lines.
  TEXT,
  /// One JSON object per event, on one line.
  JSON
}
