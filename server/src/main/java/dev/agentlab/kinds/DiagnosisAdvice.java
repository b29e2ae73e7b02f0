package dev.agentlab.kinds;

/// Troubleshooting hints for the providers of one kind, each a sentence for users.
///
/// @param unreachable used when the server at `base_url` cannot be reached
/// @param notFound used when the path of `base_url` does not exist
/// @param noModels used when the provider works but lists no models
public record DiagnosisAdvice(String unreachable, String notFound, String noModels) {}
