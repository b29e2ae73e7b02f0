package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentConfig;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.llm.Capability;
import dev.agentlab.llm.ProviderKind;
import dev.agentlab.wire.ModelRequest;
import dev.agentlab.wire.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes the request to the model out of what an agent is and what it is asked: the agent's system
/// prompt and its options, and the caller's over those.
final class ModelRequests {
  /// Members that the run itself sets.
  private static final Set<String> OURS = Set.of("model", "messages", "input", "stream");

  private static final String STREAM_OPTIONS = "stream_options";

  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool", "function");

  /// The types of a part that is an image, in OpenAI's two APIs and in Anthropic's.
  private static final Set<String> IMAGE_TYPES = Set.of("image_url", "input_image", "image");

  /// The members of a part that is an image or another file, in Bedrock's API and in Gemini's.
  private static final List<String> IMAGE_MEMBERS = List.of("image", "inlineData", "fileData");

  private final AgentConfig agent;
  private final ProviderKind kind;

  /// @param kind of the agent's provider
  ModelRequests(AgentConfig agent, ProviderKind kind) {
    this.agent = agent;
    this.kind = kind;
  }

  /// @throws InvalidInputException if the agent's model cannot do what is asked, or the command is
  ///   at fault
  ModelRequest chat(ChatCommand command, boolean stream) {
    ObjectNode body = body(Capability.CHAT, command.options());
    ArrayNode messages = begin(body);
    messages.addAll(conversation(command.prompt(), command.messages()));
    command
        .jsonSchema()
        .ifPresent(schema -> body.set("response_format", StructuredAnswer.format(schema)));
    return chat(body, stream);
  }

  /// @throws InvalidInputException as for [#chat]
  ModelRequest tools(ToolsCommand command) {
    if (command.tools().isEmpty()) {
      throw new InvalidInputException("tools", "must hold at least one function");
    }
    ObjectNode body = body(Capability.TOOLS, command.options());
    begin(body).addAll(conversation(command.prompt(), command.messages()));
    ArrayNode tools = body.putArray("tools");
    for (int i = 0; i < command.tools().size(); i++) {
      tools.add(tool(command.tools().get(i), "tools[%d]".formatted(i)));
    }
    return chat(body, false);
  }

  /// @throws InvalidInputException as for [#chat]
  ModelRequest vision(VisionCommand command, boolean stream) {
    ObjectNode body = body(Capability.VISION, command.options());
    Optional<JsonNode> detail = Optional.ofNullable(body.remove("detail"));
    ObjectNode message = begin(body).addObject().put("role", "user");
    ArrayNode content = message.putArray("content");
    content.addObject().put("type", "text").put("text", command.prompt());
    for (Image image : command.images()) {
      ObjectNode url =
          content
              .addObject()
              .put("type", "image_url")
              .putObject("image_url")
              .put("url", image.dataUrl());
      detail.ifPresent(value -> url.set("detail", value));
    }
    return chat(body, stream);
  }

  /// @throws InvalidInputException as for [#chat]
  ModelRequest embed(EmbedCommand command) {
    JsonNode input = command.input();
    boolean texts =
        input.isArray() && !input.isEmpty() && input.valueStream().allMatch(JsonNode::isString);
    if (!input.isString() && !texts) {
      throw new InvalidInputException("input", "must be a text or a list of texts");
    }
    ObjectNode body = body(Capability.EMBEDDINGS, command.options());
    return ModelRequest.of(Operation.EMBEDDINGS, body.set("input", input));
  }

  private ModelRequest chat(ObjectNode body, boolean stream) {
    requireCapabilities(body);
    JsonNode options = body.path(STREAM_OPTIONS);
    if (!options.isMissingNode() && !options.isNull() && !options.isObject()) {
      throw new InvalidInputException("options." + STREAM_OPTIONS, "must be an object, or null");
    }
    if (stream) {
      body.put("stream", true);
      countUsage(body);
    } else {
      body.remove(STREAM_OPTIONS);
    }
    return ModelRequest.of(Operation.CHAT, body);
  }

  /// Asks for the usage at the end of a stream, unless the options say otherwise: `null` sends
  /// nothing about it, to a provider that does not know the member.
  private static void countUsage(ObjectNode body) {
    if (body.path(STREAM_OPTIONS).isNull()) {
      body.remove(STREAM_OPTIONS);
      return;
    }
    ObjectNode options = JsonNodeFactory.instance.objectNode().put("include_usage", true);
    body.path(STREAM_OPTIONS).forEachEntry(options::set);
    body.set(STREAM_OPTIONS, options);
  }

  private ObjectNode body(Capability capability, Optional<ObjectNode> given) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", agent.model().name());
    require(capability);
    List<FieldError> faults = new ArrayList<>();
    agent
        .model()
        .options(capability)
        .ifPresent(options -> options.without(OURS).forEachEntry(body::set));
    given.ifPresent(options ->
        options.forEachEntry((name, value) -> {
          if (OURS.contains(name)) {
            faults.add(new FieldError("options." + name, "is set by the agent itself"));
          }
          body.set(name, value);
        }));
    if (!faults.isEmpty()) {
      throw new InvalidInputException(faults);
    }
    return body;
  }

  private ArrayNode begin(ObjectNode body) {
    ArrayNode messages = body.putArray("messages");
    if (!agent.systemPrompt().isEmpty()) {
      messages.addObject().put("role", "system").put("content", agent.systemPrompt());
    }
    return messages;
  }

  private static List<ObjectNode> conversation(
      Optional<String> prompt, Optional<List<ObjectNode>> messages) {
    if (prompt.isPresent() == messages.isPresent()) {
      throw new InvalidInputException("prompt", "or messages must be given, and not both");
    }
    if (prompt.isPresent()) {
      if (prompt.get().isEmpty()) {
        throw new InvalidInputException("prompt", "must not be empty");
      }
      return List.of(
          JsonNodeFactory.instance.objectNode().put("role", "user").put("content", prompt.get()));
    }
    List<ObjectNode> given = messages.orElseThrow();
    if (given.isEmpty()) {
      throw new InvalidInputException("messages", "must hold at least one message");
    }
    for (int i = 0; i < given.size(); i++) {
      if (!ROLES.contains(given.get(i).path("role").stringValue(""))) {
        throw new InvalidInputException(
            "messages[%d].role".formatted(i),
            "must be system, developer, user, assistant, tool or function");
      }
    }
    return given;
  }

  private static ObjectNode tool(ObjectNode given, String path) {
    if (given.has("function")) {
      return given;
    }
    if (given.path("name").stringValue("").isEmpty()) {
      throw new InvalidInputException(path + ".name", "is required");
    }
    ObjectNode tool = JsonNodeFactory.instance.objectNode().put("type", "function");
    tool.set("function", given);
    return tool;
  }

  /// What a conversation or its options use, the agent's model must be for.
  private void requireCapabilities(ObjectNode body) {
    if (body.path("tools").isArray() || body.path("functions").isArray()) {
      require(Capability.TOOLS);
    }
    for (JsonNode message : body.path("messages")) {
      for (JsonNode part : message.path("content")) {
        if (isImage(part)) {
          require(Capability.VISION);
        }
      }
    }
  }

  private static boolean isImage(JsonNode part) {
    return IMAGE_TYPES.contains(part.path("type").stringValue(""))
        || IMAGE_MEMBERS.stream().anyMatch(part::has);
  }

  private void require(Capability capability) {
    if (!kind.capabilities().contains(capability)) {
      throw new InvalidInputException(
          "capability", "the provider kind %s has no %s".formatted(kind.name(), capability));
    }
    if (agent.model().options(capability).isEmpty()) {
      throw new InvalidInputException(
          "capability",
          "the agent's model %s is not for %s; its config.model.capabilities has %s"
              .formatted(
                  agent.model().name(),
                  capability,
                  String.join(
                      ", ",
                      agent.model().capabilities().keySet().stream()
                          .map(Capability::toString)
                          .toList())));
    }
  }
}
