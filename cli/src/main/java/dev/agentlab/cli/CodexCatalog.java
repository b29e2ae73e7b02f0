package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The catalog of Codex, with what it knows of each model: its instructions, its tools, and the
/// size of a conversation. A model that is not in it has the size of a model of OpenAI.
///
/// Entries for other models are copies of those of the installed version, because their members
/// differ between versions, and each must have instructions.
///
/// @param entries the entries of the installed version, by the names of models
record CodexCatalog(Map<String, ObjectNode> entries) {
  /// For models whose size is not listed: that of most models or less, because Codex shortens a
  /// conversation that comes near it.
  private static final long DEFAULT_CONTEXT_LENGTH = 128_000;

  /// A form of requests that only OpenAI's servers for Codex have.
  private static final String OWN_FORM = "use_responses_lite";

  /// What a model of another vendor does not have.
  private static final List<String> OWN_MEMBERS =
      List.of(
          "auto_compact_token_limit",
          "availability_nux",
          "comp_hash",
          "default_reasoning_level",
          "default_service_tier",
          "default_verbosity",
          "multi_agent_version",
          "tool_mode",
          "upgrade");

  /// Of these a model of another vendor has none.
  private static final List<String> OWN_LISTS =
      List.of(
          "additional_speed_tiers",
          "experimental_supported_tools",
          "service_tiers",
          "supported_reasoning_levels");

  /// These are false for a model of another vendor.
  private static final List<String> OWN_ABILITIES =
      List.of("support_verbosity", "supports_image_detail_original", "supports_search_tool");

  /// What Codex knows of a model's input.
  private static final List<String> MODALITIES = List.of("text", "image");

  /// The catalog of the Codex in the search path; empty if there is none.
  ///
  /// @throws CommandFailure if Codex does not print its catalog
  static Optional<CodexCatalog> find(LaunchContext context) {
    return Stream.of(context.environment().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .map(folder -> Path.of(folder, "codex"))
        .filter(program -> Files.isRegularFile(program) && Files.isExecutable(program))
        .findFirst()
        .map(CodexCatalog::read);
  }

  private static CodexCatalog read(Path program) {
    List<String> command = List.of(program.toString(), "debug", "models", "--bundled");
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      JsonNode catalog = Json.MAPPER.readTree(process.getInputStream());
      Map<String, ObjectNode> entries = new LinkedHashMap<>();
      for (JsonNode entry : catalog.path("models")) {
        entries.put(entry.path("slug").asString(""), entry.asObject());
      }
      if (process.waitFor() == 0 && !entries.isEmpty()) {
        return new CodexCatalog(entries);
      }
    } catch (IOException | JacksonException _) {
      // Handled below.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    throw new CommandFailure(
        ExitCode.FAILURE,
        "`%s` does not print a catalog of models".formatted(String.join(" ", command)));
  }

  /// The catalog of other models.
  ///
  /// @param listed as `GET /v1/models` lists them
  ObjectNode of(List<JsonNode> listed) {
    ObjectNode catalog = Json.MAPPER.createObjectNode();
    ArrayNode models = catalog.putArray("models");
    listed.forEach(model -> models.add(entry(model).put("priority", models.size())));
    return catalog;
  }

  private ObjectNode entry(JsonNode listed) {
    String name = listed.path("id").asString("");
    ObjectNode own = entries.get(name.substring(name.indexOf('/') + 1));
    ObjectNode entry = own == null ? forOtherVendors() : own.deepCopy();
    entry.remove(OWN_FORM);
    if (own == null || listed.has("context_length")) {
      long size = listed.path("context_length").asLong(DEFAULT_CONTEXT_LENGTH);
      entry.put("context_window", size).put("max_context_window", size);
    }
    if (listed.has("input_modalities")) {
      ArrayNode modalities = entry.putArray("input_modalities");
      listed
          .path("input_modalities")
          .valueStream()
          .filter(it -> MODALITIES.contains(it.asString("")))
          .forEach(modalities::add);
    }
    return entry
        .put("slug", name)
        .put("display_name", listed.path("display_name").asString(name))
        .put("description", "")
        .put("visibility", "list")
        .put("supported_in_api", true);
  }

  /// An entry without what models of other vendors do not have. Its instructions are not those of a
  /// model whose tools run in scripts.
  private ObjectNode forOtherVendors() {
    ObjectNode entry =
        entries.values().stream()
            .filter(it -> it.path("tool_mode").asString("").isEmpty())
            .findFirst()
            .orElseGet(() -> entries.values().iterator().next())
            .deepCopy();
    entry.remove(OWN_MEMBERS);
    OWN_LISTS.forEach(entry::putArray);
    OWN_ABILITIES.forEach(name -> entry.put(name, false));
    return entry;
  }
}
