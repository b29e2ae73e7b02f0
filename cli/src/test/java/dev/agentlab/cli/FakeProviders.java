package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Responses of a service with a provider, and helpers for tests of provider commands.
final class FakeProviders {
  static final String ID = "0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0001";

  static final String KINDS =
      """
      {"data": [
        {"name": "ollama", "title": "Ollama", "description": "A local server.", "schema": {
          "type": "object", "required": ["name", "base_url"], "properties": {
            "name": {"const": "ollama"},
            "base_url": {"type": "string", "description": "Where it is"},
            "options": {"type": "object", "properties": {
              "auth_type": {"type": "string", "enum": ["bearer", "api_key"]},
              "token": {"type": "string", "writeOnly": true},
              "models": {"type": "array", "items": {"type": "string"}},
              "responses": {"type": "boolean", "default": false, "x-advanced": true},
              "priority": {"type": "integer", "x-advanced": true}}}}}},
        {"name": "azure", "title": "Azure", "description": "In the cloud.", "schema": {
          "type": "object", "required": ["name", "base_url", "options"], "properties": {
            "name": {"const": "azure"},
            "base_url": {"type": "string", "format": "uri"},
            "options": {"type": "object", "required": ["token"],
              "properties": {
                "deployment": {"type": "string", "description": "The name in Azure"},
                "auth_type": {"type": "string", "enum": ["bearer", "api_key"]},
                "token": {"type": "string", "writeOnly": true},
                "field": {"type": "string", "x-used-with": {"auth_type": ["api_key"]}},
                "retries": {"type": "integer", "minimum": 0, "maximum": 9, "default": 3},
                "spare": {"type": "string", "x-advanced": true}}}},
          "allOf": [{
            "if": {"required": ["base_url"], "properties": {"base_url": {"pattern": "/v1$"}}},
            "else": {"required": ["options"], "properties": {"options": {
              "required": ["deployment", "auth_type"]}}}}]}}]}
      """;

  static final String OLLAMA =
      """
      {"id": "%s", "name": "local", "config": {"name": "ollama",
       "base_url": "http://localhost:11434", "options": {"auth_type": "bearer",
       "token": {"set": true, "hint": "…abcd"}, "note": "mine"}},
       "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z"}
      """
          .formatted(ID);

  static final String PASSED =
      """
      {"ok": true, "stages": [{"name": "connect", "status": "passed", "duration_ms": 1,
       "detail": "127.0.0.1"}], "models": ["llama3.2"]}
      """;

  static final String FAILED =
      """
      {"ok": false, "stages": [
        {"name": "resolve", "status": "passed", "duration_ms": 0, "detail": "127.0.0.1"},
        {"name": "connect", "status": "failed", "duration_ms": 2, "detail": "refused",
         "cause": "nothing listens there", "fix": "start \\u001b[31mit"},
        {"name": "list_models", "status": "skipped"}]}
      """;

  private FakeProviders() {}

  /// A service with one working provider.
  static FakeService service() {
    return new FakeService()
        .on("GET /api/provider-kinds", 200, KINDS)
        .on(
            "GET /api/providers/local",
            new FakeService.PreparedResponse(200, Map.of("ETag", "\"7\""), OLLAMA))
        .on("GET /api/providers/nobody", 404, "{\"status\": 404, \"detail\": \"there is none\"}")
        .on("POST /api/providers/local/probe", 200, PASSED)
        .on(
            "GET /api/providers/" + ID,
            new FakeService.PreparedResponse(200, Map.of("ETag", "\"7\""), OLLAMA))
        .on("POST /api/providers", 201, OLLAMA)
        .on("PUT /api/providers/" + ID, 200, OLLAMA)
        .on("DELETE /api/providers/" + ID, 204, "")
        .on("POST /api/providers/" + ID + "/probe", 200, PASSED);
  }

  static FakeService serviceWithFailingProbe() {
    return new FakeService()
        .on("GET /api/provider-kinds", 200, KINDS)
        .on("POST /api/providers/local/probe", 200, FAILED)
        .on("POST /api/providers", 201, OLLAMA)
        .on("POST /api/providers/probe", 200, FAILED)
        .on("POST /api/providers/" + ID + "/probe", 200, FAILED);
  }

  static String page(String... providers) {
    return """
    {"data": [%s], "total": %d, "page": 1, "page_size": 20, "total_pages": 1}
    """
        .formatted(String.join(",", providers), providers.length);
  }

  static String[] withProvider(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "provider";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return all;
  }

  static String[] append(String[] arguments, String... more) {
    return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
  }

  static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }
}
