package dev.agentlab.config;

/// Whether providers may be called on this machine's loopback addresses.
public enum LoopbackAccess {
  /// Only if the service listens on a loopback address and lists no allowed hosts.
  AUTO,
  ALLOW,
  DENY
}
