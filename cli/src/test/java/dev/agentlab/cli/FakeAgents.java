package dev.agentlab.cli;

import dev.agentlab.cli.FakeService.PreparedResponse;
import java.util.Map;

/// Responses of a service with an agent and its provider.
final class FakeAgents {
  static final String ID = "0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0001";
  static final String PROVIDER_ID = "0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0002";
  static final String STREAM = "POST /api/agents/helper/chat/stream";

  static final String PROVIDER =
      """
      {"id": "%s", "name": "local", "config": {"name": "ollama",
       "base_url": "http://localhost:11434", "options": {}}}
      """
          .formatted(PROVIDER_ID);

  static final String AGENT =
      """
      {"id": "%s", "name": "helper", "config": {
        "system_prompt": "Be brief.\\nBe kind.", "provider_id": "%s",
        "client": {"timeout": "2m", "retry": {"max_retries": 3}},
        "model": {"name": "llama3.2", "capabilities": {
          "chat": {"temperature": 0.70}, "vision": {}}}},
       "revision": 7, "created_at": "2026-01-01T00:00:00Z",
       "updated_at": "2026-01-02T00:00:00Z"}
      """
          .formatted(ID, PROVIDER_ID);

  /// An agent with an inline provider.
  static final String INLINE_PROVIDER_AGENT =
      """
      {"id": "%s", "name": "loner", "config": {
        "system_prompt": "", "provider": {"name": "openai", "base_url": "http://h/v1",
          "options": {"api_key": {"set": true, "hint": "…abcd"}, "organization": "o"}},
        "client": {"timeout": "2m"},
        "model": {"name": "gpt", "capabilities": {"chat": {}}}},
       "revision": 1, "created_at": "2026-01-01T00:00:00Z",
       "updated_at": "2026-01-02T00:00:00Z"}
      """
          .formatted(ID);

  private static final String NOT_FOUND = "{\"status\": 404, \"detail\": \"there is none\"}";

  private FakeAgents() {}

  static FakeService service() {
    return new FakeService()
        .on("GET /api/agents/helper", read(AGENT))
        .on("GET /api/agents/nobody", 404, NOT_FOUND)
        .on("POST /api/agents/nobody/chat/stream", 404, NOT_FOUND)
        .on("GET /api/agents/" + ID, read(AGENT))
        .on("GET /api/providers/local", 200, PROVIDER)
        .on("GET /api/providers/nobody", 404, NOT_FOUND)
        .on("GET /api/providers/" + PROVIDER_ID, 200, PROVIDER);
  }

  static PreparedResponse read(String agent) {
    return new PreparedResponse(200, Map.of("ETag", "\"7\""), agent);
  }

  static String page(String... agents) {
    return """
    {"data": [%s], "total": %d, "page": 1, "page_size": 20, "total_pages": 1}
    """
        .formatted(String.join(",", agents), agents.length);
  }

  /// An event stream response.
  static PreparedResponse events(String body) {
    return new PreparedResponse(
        200,
        Map.of(
            "Content-Type",
            "text/event-stream",
            "Agent-Lab-Provider",
            "caf%C3%A9+1",
            "Agent-Lab-Model",
            "llama3.2:8b",
            "Agent-Lab-Revision",
            "8"),
        body);
  }

  /// An event with a delta of the completion.
  static String delta(String json) {
    return "data: {\"choices\": [{\"index\": 0, \"delta\": %s}]}\n\n".formatted(json);
  }

  static String text(String text) {
    return delta("{\"content\": \"%s\"}".formatted(text));
  }

  /// The events that end a complete stream.
  static String end(String finishReason) {
    return """
    data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "%s"}]}

    data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}

    data: [DONE]

    """
        .formatted(finishReason);
  }
}
