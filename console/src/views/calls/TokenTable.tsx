import { DataTable } from '../../components/DataTable'
import { count } from '../../format'
import { TOKEN_CLASSES, type TokenClass } from './data'

/** Tokens by class, without the classes whose numbers are not known. */
export function TokenTable(props: { label: string; tokens: Partial<Record<TokenClass, number | null>> }) {
  const rows = (Object.keys(TOKEN_CLASSES) as TokenClass[]).flatMap((name) => {
    const value = props.tokens[name]
    return value == null ? [] : [{ name, value }]
  })
  if (rows.length === 0) return null
  return (
    <DataTable
      label={props.label}
      rows={rows}
      rowKey={(it) => it.name}
      columns={[
        { title: 'Class', cell: (it) => TOKEN_CLASSES[it.name] },
        { title: 'Tokens', isNumeric: true, cell: (it) => count(it.value) },
      ]}
    />
  )
}
