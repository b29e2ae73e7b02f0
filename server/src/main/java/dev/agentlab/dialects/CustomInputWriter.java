package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.ToolInputDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputEnded;
import dev.agentlab.conversation.StreamEvent.ToolInputStarted;
import dev.agentlab.dialects.ResponsesToolNames.Kind;
import dev.agentlab.dialects.ResponsesToolNames.Tool;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/// Writes the calls of custom tools in chat completions for requests in the form of a response: as
/// functions whose arguments are the text itself. Cursor knows no other form. The input is written
/// when it is complete, because the model writes it as JSON.
abstract sealed class CustomInputWriter {
  private final Map<String, Tool> tools;
  private final Consumer<StreamEvent> writer;
  private final Map<Integer, Call> open = new LinkedHashMap<>();

  /// A call whose input is still growing.
  private record Call(ToolInputStarted start, Tool tool, StringBuilder arguments) {}

  /// @param writer writes the events
  private CustomInputWriter(ModelRequest request, Consumer<StreamEvent> writer) {
    this.tools = ResponsesTemplate.toolNames(request).changed();
    this.writer = writer;
  }

  /// A complete response.
  static final class OfResponse extends CustomInputWriter implements ClientResponseWriter {
    private final ClientResponseWriter writer;

    OfResponse(ModelRequest request, ClientResponseWriter writer) {
      super(request, writer::write);
      this.writer = writer;
    }

    @Override
    public CompleteAnswer toAnswer() {
      return writer.toAnswer();
    }
  }

  /// A stream.
  static final class OfStream extends CustomInputWriter implements ClientStreamWriter {
    private final ClientStreamWriter writer;

    OfStream(ModelRequest request, ClientStreamWriter writer) {
      super(request, writer::write);
      this.writer = writer;
    }

    @Override
    public byte[] take() {
      return writer.take();
    }

    @Override
    public long retainedBytes() {
      return inputBytes() + writer.retainedBytes();
    }
  }

  /// Writes an event, or keeps a part of an input.
  public final void write(StreamEvent event) {
    switch (event) {
      case ToolInputStarted started -> {
        Tool tool = tools.get(started.name());
        if (tool == null) {
          writer.accept(event);
        } else {
          open.put(started.block(), new Call(started, tool, new StringBuilder(started.input())));
        }
      }
      case ToolInputDelta delta -> {
        Call call = open.get(delta.block());
        if (call == null) {
          writer.accept(event);
        } else {
          call.arguments.append(delta.input());
        }
      }
      case ToolInputEnded ended -> {
        Call call = open.remove(ended.block());
        if (call == null) {
          writer.accept(event);
        } else {
          write(call);
        }
      }
      case ResponseFinished _ -> {
        open.values().forEach(this::write);
        open.clear();
        writer.accept(event);
      }
      default -> writer.accept(event);
    }
  }

  private void write(Call call) {
    ToolInputStarted start = call.start;
    String arguments = call.arguments.toString();
    writer.accept(
        new ToolInputStarted(
            start.choice(),
            start.block(),
            start.callId(),
            call.tool.name(),
            call.tool.kind() == Kind.CUSTOM ? ResponsesToolNames.input(arguments) : arguments,
            start.vendorData()));
    writer.accept(new ToolInputEnded(start.choice(), start.block()));
  }

  final long inputBytes() {
    return open.values().stream().mapToLong(call -> 2L * call.arguments.length()).sum();
  }
}
