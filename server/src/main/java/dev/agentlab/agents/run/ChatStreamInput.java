package dev.agentlab.agents.run;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import dev.agentlab.json.SchemaBounds;
import dev.agentlab.json.SchemaDescription;
import dev.agentlab.json.SchemaExactlyOne;
import dev.agentlab.json.SchemaFrom;
import dev.agentlab.json.SchemaName;
import dev.agentlab.secrets.Secret;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The body of a request for a chat completion stream: a chat without validation against a schema.
@SchemaName("ChatStreamRequest")
@SchemaExactlyOne(one = "prompt", other = "messages")
public record ChatStreamInput(
    @SchemaDescription("The user's message. Mutually exclusive with `messages`.")
        @SchemaBounds(min = 1)
        Optional<String> prompt,
    @SchemaDescription("A conversation in the format of OpenAI's chat completions.")
        @SchemaFrom(AgentRunSchemas.ChatMessage.class)
        @SchemaBounds(min = 1)
        Optional<List<ObjectNode>> messages,
    @SchemaDescription("Members of the model request. They override the agent's options for chats.")
        Optional<ObjectNode> options,
    @SchemaDescription("Replaces the provider's API key for this request.") Optional<Secret> token,
    @JsonAnySetter @SchemaDescription("Members of OpenAI's request; equivalent to `options`.")
        Map<String, JsonNode> members)
    implements RunInput {}
