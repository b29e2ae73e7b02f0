import { type Token, type Tokens, lexer } from 'marked'
import type { ComponentChildren, JSX, VNode } from 'preact'
import { useMemo, useRef } from 'preact/hooks'
import { CodeBlock } from './ui'
import '../styles/markdown.css'

/** The blocks that later text cannot change any more, rendered once. */
interface Settled {
  length: number
  text: string
  blocks: VNode[]
}

/**
 * Markdown as elements. No HTML is parsed: what a model writes in HTML is shown as text, so nothing needs to be sanitized.
 *
 * @param isGrowing while text is appended, only the last two blocks are parsed again
 */
export function Markdown(props: { text: string; isGrowing?: boolean }) {
  const settled = useRef<Settled>({ length: 0, text: '', blocks: [] })
  const blocks = useMemo(() => {
    const old = settled.current
    const isContinued = props.isGrowing && props.text.startsWith(old.text)
    const base: Settled = isContinued ? old : { length: 0, text: '', blocks: [] }
    const tokens = lexer(props.text.slice(base.length))
    const keys = base.blocks.length
    const rendered = tokens.map((token, index) => <Block key={keys + index} token={token} />)
    // The last block can still change, and by that the end of the one before: "a\n#" is a paragraph once "b" follows.
    const solid = tokens.map((it, index) => (it.type === 'space' ? -1 : index)).filter((it) => it >= 0)
    const end = solid.at(-2) ?? 0
    const length = base.length + tokens.slice(0, end).reduce((sum, it) => sum + it.raw.length, 0)
    // The lexer normalizes line breaks and tabs; its lengths then differ from those of the text.
    const isExact = props.text.slice(base.length, length) === tokens.slice(0, end).map((it) => it.raw).join('')
    settled.current =
      isExact && end > 0
        ? { length, text: props.text.slice(0, length), blocks: [...base.blocks, ...rendered.slice(0, end)] }
        : base
    return [...base.blocks, ...rendered]
  }, [props.text, props.isGrowing])
  return <div class={props.isGrowing ? 'markdown growing' : 'markdown'}>{blocks}</div>
}

function Block({ token }: { token: Token }): VNode | null {
  switch (token.type) {
    case 'heading': {
      // Below the headings of the page.
      const Tag = `h${Math.min(6, (token as Tokens.Heading).depth + 3)}` as 'h4'
      return <Tag class={`depth-${(token as Tokens.Heading).depth}`}>{inline(token.tokens)}</Tag>
    }
    case 'paragraph':
      return <p>{inline(token.tokens)}</p>
    case 'code': {
      const { lang, text } = token as Tokens.Code
      return <CodeBlock code={text} label={lang ? `Code in ${lang}` : 'Code'} />
    }
    case 'blockquote':
      return <blockquote>{blocksOf(token.tokens)}</blockquote>
    case 'list':
      return <List list={token as Tokens.List} />
    case 'table':
      return <Table table={token as Tokens.Table} />
    case 'hr':
      return <hr />
    case 'html':
      return <p class="as-is">{token.raw.trim()}</p>
    case 'text':
      return <>{token.tokens ? inline(token.tokens) : entities(token.raw)}</>
    case 'checkbox':
      return <>{(token as Tokens.Checkbox).checked ? '☑ ' : '☐ '}</>
    case 'space':
    case 'def':
      return null
    default:
      return <p>{token.raw}</p>
  }
}

function blocksOf(tokens: Token[] | undefined): ComponentChildren {
  return tokens?.map((it, index) => <Block key={index} token={it} />)
}

function List({ list }: { list: Tokens.List }) {
  const items = list.items.map((it, index) => <li key={index}>{blocksOf(it.tokens)}</li>)
  return list.ordered ? <ol start={list.start === '' ? undefined : list.start}>{items}</ol> : <ul>{items}</ul>
}

function Table({ table }: { table: Tokens.Table }) {
  const side = (cell: Tokens.TableCell) => (cell.align === 'right' ? 'numeric' : '')
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead>
          <tr>
            {table.header.map((cell, index) => (
              <th scope="col" key={index} class={side(cell)}>
                {inline(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, index) => (
                <td key={index} class={side(cell)} data-title={table.header[index]?.text}>
                  {inline(cell.tokens)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function inline(tokens: Token[] | undefined): ComponentChildren {
  return tokens?.map((token, index) => <Inline key={index} token={token} />)
}

function Inline({ token }: { token: Token }): JSX.Element {
  switch (token.type) {
    case 'strong':
      return <strong>{inline(token.tokens)}</strong>
    case 'em':
      return <em>{inline(token.tokens)}</em>
    case 'del':
      return <del>{inline(token.tokens)}</del>
    case 'codespan':
      return <code>{(token as Tokens.Codespan).text}</code>
    case 'br':
      return <br />
    case 'link':
      return <Link href={(token as Tokens.Link).href}>{inline(token.tokens)}</Link>
    case 'image': {
      // An image of another host would tell that host who reads the answer.
      const { href, text } = token as Tokens.Image
      return <Link href={href}>Image: {text || href}</Link>
    }
    case 'escape':
      return <>{(token as Tokens.Escape).text}</>
    case 'checkbox':
      return <>{(token as Tokens.Checkbox).checked ? '☑ ' : '☐ '}</>
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? <br /> : <>{token.raw}</>
    case 'text':
      return <>{token.tokens ? inline(token.tokens) : entities((token as Tokens.Text).text)}</>
    default:
      return <>{token.raw}</>
  }
}

/** A link to the web or to an address; other schemes, such as `javascript:`, are text. */
function Link(props: { href: string; children: ComponentChildren }) {
  if (!/^(https?:\/\/|mailto:)/i.test(props.href)) return <>{props.children}</>
  return (
    <a href={props.href} target="_blank" rel="noopener noreferrer">
      {props.children}
    </a>
  )
}

/** Character references such as `&amp;`, which the lexer keeps. */
function entities(text: string): string {
  if (!/&[#\w]+;/.test(text)) return text
  const parser = new DOMParser()
  return text.replace(/&(?:#\d+|#x[\da-f]+|\w+);/gi, (it) => parser.parseFromString(it, 'text/html').body.textContent ?? it)
}
