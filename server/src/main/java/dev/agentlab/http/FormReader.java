package dev.agentlab.http;

import dev.agentlab.errors.InvalidInputException;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpData;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.ErrorDataDecoderException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooManyFormFieldsException;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a `multipart/form-data` body in memory.
final class FormReader {
  private static final int MAX_PARTS = 256;
  private static final int MAX_PART_HEADER_BYTES = 8 << 10;

  private FormReader() {}

  /// @param mediaType the `Content-Type` with its boundary
  /// @throws InvalidInputException if the bytes are not a well-formed form
  static Form read(byte[] bytes, String mediaType) {
    HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/");
    head.headers().set(HttpHeaderNames.CONTENT_TYPE, mediaType);
    HttpPostMultipartRequestDecoder decoder = null;
    try {
      decoder =
          new HttpPostMultipartRequestDecoder(
              new DefaultHttpDataFactory(false),
              head,
              StandardCharsets.UTF_8,
              MAX_PARTS,
              MAX_PART_HEADER_BYTES);
      decoder.offer(new DefaultLastHttpContent(Unpooled.wrappedBuffer(bytes)));
      List<Form.Part> parts = new ArrayList<>();
      for (InterfaceHttpData data : decoder.getBodyHttpDatas()) {
        if (data instanceof HttpData value) {
          parts.add(part(value));
        }
      }
      return new Form(parts);
    } catch (TooManyFormFieldsException e) {
      throw new InvalidInputException(
          "body", "must not have more than %d parts".formatted(MAX_PARTS));
    } catch (ErrorDataDecoderException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new InvalidInputException("body", "must be well-formed multipart/form-data");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (decoder != null) {
        decoder.destroy();
      }
    }
  }

  private static Form.Part part(HttpData value) throws IOException {
    Optional<String> fileName =
        value instanceof FileUpload file ? Optional.of(file.getFilename()) : Optional.empty();
    return new Form.Part(value.getName(), fileName, value.get());
  }
}
