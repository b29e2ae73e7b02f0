package dev.agentlab.agents.run;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaFrom;
import dev.agentlab.json.SchemaName;
import dev.agentlab.secrets.Secret;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The body of a request for embeddings.
@SchemaName("EmbeddingsRequest")
public record EmbedInput(
    @SchemaFrom(AgentRunSchemas.EmbeddingsInput.class) JsonNode input,
    @SchemaDescription(
            "Members of the model request. They override the agent's options for embeddings.")
        Optional<ObjectNode> options,
    @SchemaDescription("Replaces the provider's API key for this request.") Optional<Secret> token,
    @JsonAnySetter @SchemaDescription("Members of OpenAI's request; equivalent to `options`.")
        Map<String, JsonNode> members)
    implements RunInput {}
