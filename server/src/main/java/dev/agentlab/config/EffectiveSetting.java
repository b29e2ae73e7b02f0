package dev.agentlab.config;

/// A setting in force, for display.
///
/// @param key as in a file, with its table: `server.port`
/// @param value as written in the environment; `***` for a secret that is set
/// @param source of the value: `default`, `config.toml`, `config.dev.toml`, `environment
///   SERVER_PORT`
/// @param environment the variable that overrides the setting
public record EffectiveSetting(String key, String value, String source, String environment) {}
