package dev.agentlab.logging;

/// The lowest severity that is logged.
public enum LogLevel {
  DEBUG,
  INFO,
  WARN,
  ERROR
}
