package dev.agentlab.dialects;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Generates valid chat requests of a client in OpenAI's dialect, with what this gateway returned
/// in the earlier responses of the conversation.
final class ConversationGenerator {
  private static final String CACHE = "cache_control";

  private final RandomValues values;
  private final Random order;
  private final ObjectNode request = ProviderJson.object();
  private final ArrayNode messages = ProviderJson.array();
  private final List<String> tools = new ArrayList<>();

  /// The vendor that gave most of the earlier responses.
  private final String vendor;

  private ConversationGenerator(long seed) {
    values = new RandomValues(seed);
    order = new Random(seed);
    vendor = values.pick("anthropic", "google", "bedrock", "other");
  }

  /// The request of a seed.
  static ObjectNode request(long seed) {
    return new ConversationGenerator(seed).request();
  }

  private ObjectNode request() {
    request.put("model", values.pick("claude-sonnet-4-5", "gemini-2.5-flash", "gemini-3-flash"));
    request.set("messages", messages);
    int count = values.upTo(3);
    for (int i = 0; i < count; i++) {
      tools.add(values.id("tool"));
    }
    instructions(30);
    instructions(60);
    int rounds = 1 + values.upTo(3);
    for (int i = 0; i < rounds; i++) {
      user();
      if (i < rounds - 1 || values.chance(40)) {
        model();
      }
    }
    options();
    if (!tools.isEmpty()) {
      tools();
    }
    return request;
  }

  private ObjectNode message(String role) {
    ObjectNode message = messages.addObject().put("role", role);
    if (values.chance(5)) {
      message.put("name", values.id("name"));
    }
    return message;
  }

  private void instructions(int percent) {
    if (values.chance(percent)) {
      texts(message(values.pick("system", "developer")));
    }
  }

  private void user() {
    ObjectNode message = message("user");
    if (values.chance(50)) {
      message.put("content", values.text());
    } else {
      ArrayNode content = message.putArray("content");
      int count = 1 + values.upTo(2);
      for (int i = 0; i < count; i++) {
        part(content.addObject());
      }
      if (values.chance(10)) {
        content.addObject().put("type", "text").put("text", "");
      }
    }
    instructions(10);
    if (values.chance(15)) {
      texts(message("user"));
    }
  }

  private void part(ObjectNode part) {
    switch (values.upTo(5)) {
      case 0, 1 -> {
        image(part);
        if (values.chance(20)) {
          part.withObjectProperty("image_url").put("detail", values.pick("auto", "low", "high"));
        }
      }
      case 2 -> file(part);
      default -> part.put("type", "text").put("text", values.text());
    }
    if (values.chance(20)) {
      mark(part);
    }
  }

  private void mark(ObjectNode element) {
    element.putObject(CACHE).put("type", "ephemeral").put("ttl", values.pick("5m", "1h"));
  }

  private void image(ObjectNode part) {
    String url =
        values.chance(10)
            ? "https://images.example/%s.png".formatted(values.id("image"))
            : "data:image/%s;base64,%s".formatted(values.pick("png", "webp"), values.base64());
    part.put("type", "image_url").putObject("image_url").put("url", url);
  }

  private void file(ObjectNode part) {
    String type = values.chance(5) ? "text/csv" : "application/pdf";
    ObjectNode file = part.put("type", "file").putObject("file");
    file.put("file_data", "data:%s;base64,%s".formatted(type, values.base64()));
    if (values.chance(50)) {
      file.put("filename", values.id("Übersicht (1)") + ".pdf");
    }
  }

  /// Content as a string, or as parts of type text.
  private void texts(ObjectNode message) {
    if (values.chance(60)) {
      message.put("content", values.anyText());
      return;
    }
    ArrayNode content = message.putArray("content");
    int count = 1 + values.upTo(1);
    for (int i = 0; i < count; i++) {
      ObjectNode part = content.addObject().put("type", "text").put("text", values.anyText());
      if (values.chance(15) && !part.path("text").stringValue().isEmpty()) {
        mark(part);
      }
    }
  }

  /// Messages of the model up to its next text, if it has one.
  private void model() {
    if (values.chance(15)) {
      answer(List.of());
    }
    int steps = tools.isEmpty() ? 0 : values.upTo(2);
    for (int i = 0; i < steps; i++) {
      List<String> calls = new ArrayList<>();
      int count = 1 + values.upTo(2);
      for (int call = 0; call < count; call++) {
        calls.add(values.id("call"));
      }
      answer(calls);
      if (values.chance(50)) {
        Collections.shuffle(calls, order);
      }
      calls.forEach(this::result);
    }
    if (steps == 0 || values.chance(50)) {
      answer(List.of());
    }
  }

  private void answer(List<String> callIds) {
    ObjectNode message = message("assistant");
    if (values.chance(40)) {
      reasoning(message);
    }
    if (callIds.isEmpty() || values.chance(40)) {
      texts(message);
    } else {
      message.putNull("content");
    }
    if (values.chance(3)) {
      message.put("refusal", values.anyText());
    }
    callIds.forEach(id -> call(message.withArrayProperty("tool_calls").addObject(), id));
  }

  /// Reasoning as this gateway returns it. That of an unknown vendor has only a text.
  private void reasoning(ObjectNode message) {
    StringBuilder text = new StringBuilder();
    switch (vendor()) {
      case "anthropic" -> {
        ArrayNode blocks = extra(message, "anthropic").putArray("content");
        int count = 1 + values.upTo(1);
        for (int i = 0; i < count; i++) {
          String thinking = values.anyText();
          text.append(thinking);
          blocks
              .addObject()
              .put("type", "thinking")
              .put("thinking", thinking)
              .put("signature", values.signature());
        }
        if (values.chance(20)) {
          blocks.addObject().put("type", "redacted_thinking").put("data", values.signature());
        }
      }
      case "bedrock" -> {
        ArrayNode blocks = extra(message, "bedrock").putArray("reasoning");
        if (values.chance(80)) {
          String thinking = values.text();
          text.append(thinking);
          blocks
              .addObject()
              .putObject("reasoningText")
              .put("text", thinking)
              .put("signature", values.signature());
        } else {
          blocks.addObject().put("redactedContent", values.signature());
        }
      }
      case "google" -> {
        text.append(values.anyText());
        if (values.chance(50)) {
          extra(message, "google").put("thought_signature", values.signature());
        }
      }
      default -> text.append(values.anyText());
    }
    if (!text.isEmpty() || values.chance(10)) {
      message.put("reasoning_content", text.toString());
    }
  }

  private String vendor() {
    return values.chance(90) ? vendor : values.pick("anthropic", "google", "bedrock", "other");
  }

  private static ObjectNode extra(ObjectNode element, String name) {
    return element.withObjectProperty("extra_content").withObjectProperty(name);
  }

  private void call(ObjectNode call, String id) {
    ObjectNode arguments = values.object();
    ObjectNode function = call.put("id", id).put("type", "function").putObject("function");
    function.put("name", tools.get(values.upTo(tools.size() - 1)));
    function.put(
        "arguments",
        values.pick(
            arguments.toString(),
            arguments.toPrettyString(),
            values.pick("", "{}", "{\"half\": \"\\ud83d\"}")));
    if (vendor().equals("google") && values.chance(80)) {
      extra(call, "google").put("thought_signature", values.signature());
    }
    if (values.chance(3)) {
      mark(call);
    }
  }

  private void result(String callId) {
    ObjectNode message = messages.addObject().put("role", "tool").put("tool_call_id", callId);
    switch (values.upTo(9)) {
      case 0, 1, 2 -> message.put("content", values.object().toString());
      case 3 -> message.put("content", values.pick("[1, 2]", "null", "5", "{\"a\": 1, \"a\": 2}"));
      default -> texts(message);
    }
    if (values.chance(2)) {
      image(message.putArray("content").addObject());
    }
    // A mark within the content of a result is beyond what clients send.
    message.path("content").forEach(part -> ((ObjectNode) part).remove(CACHE));
    if (values.chance(10)) {
      message.put("is_error", values.chance(50));
    }
    if (values.chance(10)) {
      mark(message);
    }
  }

  private void options() {
    switch (values.upTo(3)) {
      case 0 -> request.put("max_tokens", 1 + values.upTo(5_000));
      case 1 -> request.put("max_completion_tokens", 1 + values.upTo(5_000));
      case 2 -> request.put("max_tokens", 7).put("max_completion_tokens", 9);
      default -> {}
    }
    if (values.chance(30)) {
      request.set(
          "temperature", ProviderJson.MAPPER.readTree(values.pick("0", "0.70", "1", "1.5")));
    }
    if (values.chance(20)) {
      request.set("top_p", ProviderJson.MAPPER.readTree(values.pick("0.9", "1")));
    }
    if (values.chance(10)) {
      request.put("top_k", values.upTo(50));
    }
    switch (values.upTo(4)) {
      case 0 -> request.put("stop", values.text());
      case 1 -> request.putArray("stop").add(values.text()).add("\n\n");
      default -> {}
    }
    if (values.chance(20)) {
      request.put("seed", values.upTo(1_000));
    }
    if (values.chance(10)) {
      request.put("presence_penalty", -0.5).put("frequency_penalty", 1.5);
    }
    if (values.chance(15)) {
      outputFormat(request.putObject("response_format"));
    }
    if (values.chance(20)) {
      request.put("stream", true).putObject("stream_options").put("include_usage", true);
    }
  }

  private void outputFormat(ObjectNode format) {
    switch (values.upTo(5)) {
      case 0 -> format.put("type", "text");
      case 1 -> format.put("type", "json_object");
      default -> {
        ObjectNode schema = format.put("type", "json_schema").putObject("json_schema");
        schema.put("name", values.id("format")).put("strict", true).set("schema", schema());
        if (values.chance(30)) {
          schema.put("description", values.text());
        }
      }
    }
  }

  private ObjectNode schema() {
    ObjectNode schema = ProviderJson.object().put("type", "object");
    schema
        .putObject("properties")
        .putObject(values.pick("city", "naïve 🔑"))
        .put("type", "string")
        .put("description", values.text());
    return schema.put("additionalProperties", false);
  }

  private void tools() {
    for (String name : tools) {
      ObjectNode tool = request.withArrayProperty("tools").addObject().put("type", "function");
      ObjectNode function = tool.putObject("function").put("name", name);
      if (values.chance(80)) {
        function.put("description", values.text());
      }
      if (values.chance(80)) {
        function.set("parameters", schema());
      }
      if (values.chance(20)) {
        function.put("strict", values.chance(80));
      }
      if (values.chance(15)) {
        mark(tool);
      }
    }
    if (values.chance(50)) {
      choice();
    }
    if (values.chance(30) && !request.path("tool_choice").asString("").equals("none")) {
      request.put("parallel_tool_calls", values.chance(50));
    }
  }

  private void choice() {
    switch (values.upTo(9)) {
      case 0, 1, 2 -> request.put("tool_choice", "auto");
      case 3, 4 -> request.put("tool_choice", "none");
      case 5, 6 -> request.put("tool_choice", "required");
      case 7, 8 -> function(request.putObject("tool_choice"));
      default -> {
        ObjectNode choice = request.putObject("tool_choice").put("type", "allowed_tools");
        ObjectNode allowed = choice.putObject("allowed_tools").put("mode", "required");
        function(allowed.putArray("tools").addObject());
      }
    }
  }

  private void function(ObjectNode json) {
    json.put("type", "function").putObject("function").put("name", tools.getFirst());
  }
}
