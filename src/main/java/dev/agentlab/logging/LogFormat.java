package dev.agentlab.logging;

/// How log events are written.
public enum LogFormat {
  /// One line for people.
  TEXT,
  /// One JSON object per line.
  JSON
}
