package dev.agentlab.agents.run;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import dev.agentlab.json.Description;
import dev.agentlab.json.SchemaFrom;
import dev.agentlab.json.SchemaName;
import dev.agentlab.secrets.Secret;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What an agent is to turn into vectors.
@SchemaName("EmbeddingsRequest")
public record EmbedInput(
    @SchemaFrom(EmbeddingsInput.class) JsonNode input,
    @Description("Members of the request to the model, over the agent's own for embeddings.")
        Optional<ObjectNode> options,
    @Description("Takes the place of the provider's key for this call.") Optional<Secret> token,
    @JsonAnySetter @Description("Members of OpenAI's request, as in `options`.")
        Map<String, JsonNode> members)
    implements RunInput {}
