import type { ComponentChildren } from 'preact'
import { count } from '../format'
import { useFilterText } from '../hooks'
import { useUrlFilters } from '../url'
import { Icon } from './Icon'
import { Button } from './ui'

/** A column of a table. */
export interface Column<Row> {
  title: string
  /** The field by which the service sorts; without it the column cannot be sorted. */
  sort?: string
  isNumeric?: boolean
  cell: (row: Row) => ComponentChildren
}

/**
 * Rows as a table. Below 640 px each row becomes a block, with the titles of the columns beside the values.
 *
 * @param label names the table for screen readers
 */
export function DataTable<Row>(props: {
  label: string
  columns: Column<Row>[]
  rows: Row[]
  rowKey: (row: Row) => string
  /** Whether the columns with `sort` change the parameter `sort` of the URL. */
  isSortable?: boolean
}) {
  const [filters, setFilters] = useUrlFilters()
  const sorted = filters.sort ?? ''
  const header = (column: Column<Row>) => {
    if (!props.isSortable || !column.sort) return <th scope="col" class={column.isNumeric ? 'numeric' : ''}>{column.title}</th>
    const direction = sorted === column.sort ? 'ascending' : sorted === `-${column.sort}` ? 'descending' : undefined
    const next = direction === 'ascending' ? `-${column.sort}` : column.sort
    return (
      <th scope="col" aria-sort={direction} class={column.isNumeric ? 'numeric' : ''}>
        <button type="button" onClick={() => setFilters({ sort: next, page: undefined })}>
          {column.title}
          {direction && <span aria-hidden="true">{direction === 'ascending' ? ' ↑' : ' ↓'}</span>}
        </button>
      </th>
    )
  }
  return (
    <div class="table-scroll">
      <table aria-label={props.label}>
        <thead>
          <tr>{props.columns.map(header)}</tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.rowKey(row)}>
              {props.columns.map((column) => (
                <td key={column.title} data-title={column.title} class={column.isNumeric ? 'numeric' : ''}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The pages of a listing; the page is in the URL. Of a single page it only tells screen readers how many rows there are. */
export function Pagination(props: { page: number; pageSize: number; total: number }) {
  const [, setFilters] = useUrlFilters()
  const pages = Math.max(1, Math.ceil(props.total / props.pageSize))
  const from = Math.min(props.total, (props.page - 1) * props.pageSize + 1)
  const to = Math.min(props.total, props.page * props.pageSize)
  const range = `${count(from)}–${count(to)} of ${count(props.total)}`
  if (pages === 1 && props.page === 1) {
    return (
      <p class="visually-hidden" role="status">
        {range}
      </p>
    )
  }
  const open = (page: number) => setFilters({ page: page > 1 ? String(page) : undefined }, true)
  return (
    <nav class="pagination" aria-label="Pages">
      <span role="status">{range}</span>
      <Button icon="chevron-left" disabled={props.page <= 1} onClick={() => open(props.page - 1)}>
        Previous
      </Button>
      <Button disabled={props.page >= pages} onClick={() => open(props.page + 1)}>
        Next <Icon name="chevron-right" />
      </Button>
    </nav>
  )
}

/** A search field whose text is the parameter `search` of the URL. */
export function SearchBox(props: { label: string }) {
  const [filters, setFilters] = useUrlFilters()
  const [text, setText] = useFilterText(filters.search ?? '', (search) => setFilters({ search, page: undefined }))
  return (
    <div class="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={props.label}
        placeholder={props.label}
        value={text}
        maxLength={200}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </div>
  )
}
