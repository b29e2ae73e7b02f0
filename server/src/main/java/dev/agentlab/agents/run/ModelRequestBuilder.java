package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentConfig;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.OpenAiMembers;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.json.MemberNames;
import dev.agentlab.kinds.Capability;
import dev.agentlab.kinds.ProviderKind;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.resources.RequestOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Builds model requests from an agent's system prompt and options, and from the caller's input,
/// whose options override those of the agent.
final class ModelRequestBuilder {
  /// Members that an answer names; a hostile request could have a hundred thousand.
  private static final int MAX_UNKNOWN = 50;

  private static final String STREAM_OPTIONS = "stream_options";
  private static final String VISION_OPTIONS = "vision_options";

  /// The roles that a message may have.
  static final List<String> ROLES =
      List.of("system", "developer", "user", "assistant", "tool", "function");

  /// The types of image parts in OpenAI's two APIs and in Anthropic's.
  private static final Set<String> IMAGE_TYPES = Set.of("image_url", "input_image", "image");

  /// The members of parts with an image or another file in Bedrock's API and in Gemini's.
  private static final List<String> IMAGE_MEMBERS = List.of("image", "inlineData", "fileData");

  private final AgentConfig agent;
  private final Consumer<Capability> requirement;

  /// @param requirement receives each capability that the request needs; throws
  ///   [InvalidInputException] if no target can have it
  ModelRequestBuilder(AgentConfig agent, Consumer<Capability> requirement) {
    this.agent = agent;
    this.requirement = requirement;
  }

  /// @throws InvalidInputException if the provider kind lacks the capability, or the input is
  ///   invalid
  ModelRequest chat(ChatInput input) {
    FieldErrors errors = new FieldErrors();
    ObjectNode body = createBody(Capability.CHAT, input, errors);
    converse(body, input.prompt(), input.messages(), errors);
    input
        .jsonSchema()
        .ifPresent(schema -> body.set("response_format", StructuredOutput.responseFormat(schema)));
    return chat(body, false);
  }

  /// @throws InvalidInputException as for [#chat]
  ModelRequest streamChat(ChatStreamInput input) {
    FieldErrors errors = new FieldErrors();
    ObjectNode body = createBody(Capability.CHAT, input, errors);
    converse(body, input.prompt(), input.messages(), errors);
    return chat(body, true);
  }

  /// @throws InvalidInputException as for [#chat]
  ModelRequest tools(ToolsInput input) {
    FieldErrors errors = new FieldErrors();
    ObjectNode body = createBody(Capability.TOOLS, input, errors);
    if (input.tools().isEmpty()) {
      errors.add("tools", "must contain at least one function");
    }
    converse(body, input.prompt(), input.messages(), errors);
    ArrayNode tools = body.putArray("tools");
    for (int i = 0; i < input.tools().size(); i++) {
      tools.add(toTool(input.tools().get(i), "tools[%d]".formatted(i)));
    }
    return chat(body, false);
  }

  /// @throws InvalidInputException as for [#chat]
  ModelRequest vision(VisionInput input, boolean stream) {
    FieldErrors errors = new FieldErrors();
    ObjectNode body = createBody(Capability.VISION, input, errors);
    errors.throwIfAny();
    ObjectNode imageOptions = imageOptions(body);
    ObjectNode message = startMessages(body).addObject().put("role", "user");
    ArrayNode content = message.putArray("content");
    content.addObject().put("type", "text").put("text", input.prompt());
    for (ImageInput image : input.images()) {
      content
          .addObject()
          .put("type", "image_url")
          .putObject("image_url")
          .setAll(imageOptions)
          .put("url", image.dataUrl());
    }
    return chat(body, stream);
  }

  /// Removes the options of images from the members of the request, and returns them.
  private static ObjectNode imageOptions(ObjectNode body) {
    ObjectNode options = JsonNodeFactory.instance.objectNode();
    Optional.ofNullable(body.remove("detail")).ifPresent(value -> options.set("detail", value));
    JsonNode given = body.remove(VISION_OPTIONS);
    if (given instanceof ObjectNode members) {
      options.setAll(members);
    } else if (given != null && !given.isNull()) {
      throw new InvalidInputException("options." + VISION_OPTIONS, "must be an object");
    }
    return options;
  }

  /// @throws InvalidInputException as for [#chat]
  ModelRequest embed(EmbedInput input) {
    FieldErrors errors = new FieldErrors();
    ObjectNode body = createBody(Capability.EMBEDDINGS, input, errors);
    JsonNode given = input.input();
    boolean isTextArray =
        given.isArray() && !given.isEmpty() && given.valueStream().allMatch(JsonNode::isString);
    if (!given.isString() && !isTextArray) {
      errors.add("input", "must be a string or an array of strings");
    }
    errors.throwIfAny();
    return ModelRequest.of(Operation.EMBEDDINGS, body.set("input", given));
  }

  private ModelRequest chat(ObjectNode body, boolean stream) {
    requireCapabilities(body);
    JsonNode options = body.path(STREAM_OPTIONS);
    if (!options.isMissingNode() && !options.isNull() && !options.isObject()) {
      throw new InvalidInputException("options." + STREAM_OPTIONS, "must be an object, or null");
    }
    if (!stream) {
      body.remove(STREAM_OPTIONS);
      return ModelRequest.of(Operation.CHAT, body);
    }
    body.put("stream", true);
    if (options.isNull()) {
      // For a provider that does not support the member.
      body.remove(STREAM_OPTIONS);
      return ModelRequest.of(Operation.CHAT, body);
    }
    return ModelRequest.of(Operation.CHAT, body).withStreamUsage();
  }

  private ObjectNode createBody(Capability capability, RunInput input, FieldErrors errors) {
    requireCapability(capability);
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", agent.model().name());
    body.setAll(agent.model().options(capability).without(RequestOptions.RESERVED_MEMBERS));
    input
        .options()
        .ifPresent(options ->
            options.forEachEntry(
                (name, value) -> setMember(body, name, "options." + name, value, errors)));
    Set<String> known = OpenAiMembers.of(capability.operation());
    refuseUnknown(input, known, errors);
    input
        .members()
        .forEach((name, value) -> {
          if (known.contains(name)) {
            if (input.options().map(options -> options.has(name)).orElse(false)) {
              errors.add(name, "is also given in options");
            }
            setMember(body, name, name, value, errors);
          }
        });
    return body;
  }

  /// @param openAi members of OpenAI's request
  private static void refuseUnknown(RunInput input, Set<String> openAi, FieldErrors errors) {
    if (input.members().isEmpty()) {
      return;
    }
    List<String> unknown =
        input.members().keySet().stream()
            .filter(name -> !openAi.contains(name))
            .limit(MAX_UNKNOWN)
            .toList();
    if (unknown.isEmpty()) {
      return;
    }
    List<String> own = MemberNames.of(input.getClass());
    List<String> known = new ArrayList<>(own);
    openAi.stream()
        .filter(name -> !RequestOptions.RESERVED_MEMBERS.contains(name))
        .sorted()
        .forEach(known::add);
    for (String name : unknown) {
      String hint =
          Spelling.likelyMatch(name, known)
              .map("did you mean %s? Members"::formatted)
              .orElseGet(() ->
                  "known members are %s, and members of OpenAI's request, such as user; members"
                      .formatted(String.join(", ", own)));
      errors.add(
          Excerpt.of(name),
          "is unknown; %s that only the provider knows go into options".formatted(hint));
    }
  }

  private static void setMember(
      ObjectNode body, String name, String field, JsonNode value, FieldErrors errors) {
    if (RequestOptions.RESERVED_MEMBERS.contains(name)) {
      errors.add(field, "is set by the agent and cannot be overridden");
    }
    body.set(name, value);
  }

  private ArrayNode startMessages(ObjectNode body) {
    ArrayNode messages = body.putArray("messages");
    if (!agent.systemPrompt().isEmpty()) {
      messages.addObject().put("role", "system").put("content", agent.systemPrompt());
    }
    return messages;
  }

  /// Adds the messages of a valid request.
  private void converse(
      ObjectNode body,
      Optional<String> prompt,
      Optional<List<ObjectNode>> messages,
      FieldErrors errors) {
    Optional<List<ObjectNode>> conversation = errors.collect(() -> conversation(prompt, messages));
    errors.throwIfAny();
    startMessages(body).addAll(conversation.orElseThrow());
  }

  private static List<ObjectNode> conversation(
      Optional<String> prompt, Optional<List<ObjectNode>> messages) {
    if (prompt.isPresent() == messages.isPresent()) {
      throw new InvalidInputException("prompt", "exactly one of prompt and messages must be given");
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
      throw new InvalidInputException("messages", "must contain at least one message");
    }
    for (int i = 0; i < given.size(); i++) {
      if (!ROLES.contains(given.get(i).path("role").stringValue(""))) {
        throw new InvalidInputException(
            "messages[%d].role".formatted(i),
            "must be %s or %s"
                .formatted(String.join(", ", ROLES.subList(0, ROLES.size() - 1)), ROLES.getLast()));
      }
    }
    return given;
  }

  private static ObjectNode toTool(ObjectNode given, String path) {
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

  /// Checks the capabilities that the conversation and its options require.
  private void requireCapabilities(ObjectNode body) {
    if (body.path("tools").isArray() || body.path("functions").isArray()) {
      requireCapability(Capability.TOOLS);
    }
    for (JsonNode message : body.path("messages")) {
      for (JsonNode part : message.path("content")) {
        if (isImage(part)) {
          requireCapability(Capability.VISION);
        }
      }
    }
  }

  private static boolean isImage(JsonNode part) {
    return IMAGE_TYPES.contains(part.path("type").stringValue(""))
        || IMAGE_MEMBERS.stream().anyMatch(part::has);
  }

  private void requireCapability(Capability capability) {
    requirement.accept(capability);
  }

  /// @throws InvalidInputException if the provider kind of a target lacks a capability
  static void requireCapability(CallTarget target, Capability capability) {
    ProviderKind kind = target.callable().kind();
    if (!kind.capabilities().contains(capability)) {
      throw new InvalidInputException(
          "capability", "provider kind %s does not support %s".formatted(kind.name(), capability));
    }
  }
}
