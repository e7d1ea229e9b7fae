"""The words on a page that say what a part of it is for.

An app's author puts them on buttons and boxes, and into the names of functions and tabs. Words for
anything other than answering speak against a way to chat. Each kind of part has words of its own:
"update" on a button does something, but in a message it may be anything. In a text, the first of
these words decides: "Ask about this repository" asks, "Search the chats" searches. Only in the
label of an output it is the last one, since there the last noun says what is shown: "Response time"
is a time, and "Generated answer" is an answer.

Authors write in their own language, so the words are in those that most apps are in. A word of a
script that writes no spaces is found anywhere in a text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Literal

_NEVER = "(?!)"
_NO_SPACES = "\u2e80"
"""The first character of the scripts that write no spaces between words."""
_JOINTS = re.compile(r"[_\-./\s]+|(?<=[a-z])(?=[A-Z])")
"""The joints between the words of a name in a program."""
_READ = 150
"""Characters of a text that are looked at: what it is for stands at its beginning."""


def _pattern(words: str) -> str:
    """Return the pattern of a list of words, in which a `_` stands for a space."""
    listed = words.split()
    spaced = [word.replace("_", " ") for word in listed if word < _NO_SPACES]
    joined = [word for word in listed if word >= _NO_SPACES]
    patterns = [rf"\b(?:{_by_first(spaced)})\b"] if spaced else []
    if joined:
        patterns.append(rf"(?=[{_NO_SPACES}-\U0010ffff])(?:{_by_first(joined)})")
    return "|".join(patterns) or _NEVER


def _by_first(words: Iterable[str]) -> str:
    """Return alternatives, ordered so that a text's first character rules out most at once."""
    rests: dict[str, list[str]] = {}
    for word in words:
        is_plain = word[0].isalpha()
        rests.setdefault(word[0] if is_plain else "", []).append(word[1:] if is_plain else word)
    return "|".join(f"{first}(?:{'|'.join(each)})" for first, each in rests.items())


class Words:
    """Words that are looked for in texts, compiled when that is first done: it takes long.

    A process that knows its app needs none of them.

    Args:
        pattern: The words as a regular expression, in lower case.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    @functools.cached_property
    def compiled(self) -> re.Pattern[str]:
        """The regular expression."""
        return re.compile(self._pattern, re.IGNORECASE)


def _either(*words: str) -> Words:
    return Words(_pattern(" ".join(words)))


_ACTS = """
    install uninstall installer clone pull download downloader uploader delete remove save backup
    restore rename register subscribe unsubscribe newsletter sign_up sign_in sign_out signup log_in
    log_out login logout report feedback bugs? contact flag vote upvote downvote rate rating export
    import train training fine_?tune merge deploy publish restart reboot shut_?down unload reset
    refresh settings? config configuration preferences admin
    execute(?=_(?!(?:tasks?|agents?|requests?|prompts?|instructions?|questions?)\\b))
    send_(?:\\w+_)?(?:e_?mails?|mails?|sms|invitations?|invites?)
    löschen entfernen speichern herunterladen hochladen einstellungen anmelden abmelden
    supprimer enregistrer télécharger téléverser paramètres
    eliminar borrar guardar descargar ajustes configuración
    excluir apagar salvar baixar configurações elimina salva scarica impostazioni
    удалить сохранить скачать загрузить настройки xóa lưu tải_xuống tải_lên
    删除 刪除 保存 下载 下載 上传 上傳 导出 導出 导入 導入 安装 安裝 卸载 重命名 登录 登錄 登出 注册
    設定 设置 設置 配置 管理 训练 訓練 微调 部署 发布 重启 反馈 点赞 点踩 创建 創建 新建 添加
    削除 ダウンロード アップロード インストール 登録 삭제 저장 다운로드 업로드 설치 설정 등록
"""
"""Words for what nobody does by asking a question, on any kind of part."""

_CHATS = """
    messages? questions? prompt ask chats? chatting chatbot query talk conversation answers? reply
    response respond help_you enter_text instruction
    frage fragen nachricht eingabe pregunta preguntas mensaje pergunta perguntas mensagem domanda
    messaggio posez вопрос сообщение спросить спросите câu_hỏi tin_nhắn hỏi
    问题 問題 提问 提問 问答 問答 消息 訊息 聊天 对话 對話 指令
    質問 メッセージ チャット 会話 질문 메시지 대화 채팅
"""

_NUMBER = re.compile(r"_\d+$")
_ANSWERS = "answers?|repl(?:y|ies)|responses?|help|support|advice|explanations?|results?"
"""What a person gets who asks a question."""

SEARCHES = re.compile(r"\b(search|find|lookup|look up)\b", re.IGNORECASE)
SYSTEM = _either(
    """system(?:prompts?|_?messages?|nachricht)? instructions persona pre_?prompt
    系统 系統 人设 システム 시스템"""
)
TYPE_HERE = Words(
    _pattern("input text type say write 输入 輸入 入力 입력 schreiben écrivez escribe escreva nhập")
    + "|[?？❓💬]"
)
SEND = Words(
    _pattern(
        """send submit ask chat generate run execute go enter answer reply start translate solve
        explain senden absenden fragen envoyer générer enviar generar gerar invia отправить gửi
        发送 發送 提交 提问 提問 生成 运行 开始 送信 実行 전송 보내기 생성"""
    )
    + "|[➤⬆✈🚀▶]"
)
PERSON = _either(
    """recipients? e_?mails?(?:_address)? phone(?:_number)? mobile(?:_number)? empfänger
    destinataire destinatario получатель 收件人 邮箱 手机号 电话 メールアドレス 이메일"""
)
"""Boxes that a message for somebody is sent with."""


class Kind:
    """A kind of part of a page, and the words that tell its purpose.

    Args:
        others: Words for something other than a chat; a `_` stands for a space.
        chats: Words for a chat.
        signs: Characters for something other than a chat.
    """

    def __init__(self, others: str, chats: str = "", signs: str = "") -> None:
        sign = f"[{signs}]" if signs else _NEVER
        self._words = Words(rf"(?P<other>{_pattern(others)}|{sign})|(?P<chat>{_pattern(chats)})")

    def is_chat(self, texts: Iterable[str]) -> bool | None:
        """Tell whether texts are those of a chat, or return None if they don't say."""
        for text in texts:
            match = self._words.compiled.search(spelled_out(text))
            if match is not None:
                return match["chat"] is not None
        return None

    def is_chat_at_last(self, text: str) -> bool | None:
        """Tell the same of one text, in which the last word decides."""
        verdicts = [match["chat"] is not None for match in self._words.compiled.finditer(text)]
        return verdicts[-1] if verdicts else None


_EXAMPLE = re.compile(
    r"\b(?:e\.\s?g\.|eg[:.,]|for example|for instance|examples?:|such as|z\.\s?b\.|p\.\s?ex\.|ej\.)"
    "|例如|例：|比如|如：",
    re.IGNORECASE,
)


def before_examples(texts: Iterable[str]) -> list[str]:
    """Return texts without the examples at their ends, which may be of anything."""
    return [_EXAMPLE.split(text, maxsplit=1)[0] for text in texts]


def unnumbered(name: str) -> str:
    """Return a function's name without the number that Gradio adds if several have the name."""
    return _NUMBER.sub("", name)


def spelled_out(text: str) -> str:
    """Return a text with spaces between its words, even if it is a name in a program."""
    return _JOINTS.sub(" ", text[:_READ])


def is_any(words: Words, texts: Iterable[str]) -> bool:
    """Tell whether a text has one of the words."""
    return any(words.compiled.search(spelled_out(text)) for text in texts)


BUTTON = Kind(
    f"""{_ACTS} clear undo retry regenerate stop cancel load upload share copy new edit apply update
    upgrade like dislike add confirm connect count post sign remember memorize
    forget schedule get(?!_(?:\\w+_)?(?:{_ANSWERS})\\W*$)
    ban unban block index ingest invite notify pay buy archive
    leeren zurücksetzen abbrechen effacer annuler réinitialiser limpiar cancelar limpar cancella
    очистить отмена стоп hủy
    清空 清除 重置 停止 取消 撤销 重试 重新生成 刷新 复制 分享 编辑 更新 确认 加载 封禁
    クリア リセット 停止 キャンセル 更新 초기화 지우기 취소 중지""",
    signs="🗑🔄↩👍👎💾",
)
"""Buttons. Words for something else count in any place, as in "Send report"."""

_TARGETS = """
    search filter find urls? links? repos? repository repositories branch extensions? plugins?
    packages? path file_?names? folders? directory e_?mails? recipients? user_?names?
    (?:chat|prompt|conversation|session|model)_(?:name|id|title)s?
    名称 文件名 路径 地址 链接 邮箱 用户名 仓库 搜索 ファイル名 検索 검색 파일명
    dateiname benutzername suche suchen rechercher buscar поиск tìm_kiếm
"""
"""Words for what a function does something with."""

BOX = Kind(
    f"""{_ACTS} {_TARGETS} passwords? api_keys? api_tokens? access_tokens? secrets? seed negative
    commit lora commands? stop(?:ping)?_strings? arguments json payload your_answers? names?
    sql(?:_(?:query|queries|code|statements?))?(?=\\W*$)
    (?:python|bash|shell|javascript)_(?:code|script)
    passwort 密码 密钥 パスワード 비밀번호""",
    f"""{_CHATS} requests?(?!_(?:urls?|ids?|body|headers?)) inquir(?:y|ies) enquir(?:y|ies)
    tasks?(?!_(?:ids?|names?))""",
)
"""Text boxes."""

TARGET = Kind(f"{_ACTS} {_TARGETS}", _CHATS)
"""Text boxes beside the message's: some are for settings, others say what the function acts on."""

FUNCTION = Kind(
    f"{_ACTS} clear undo retry regenerate load_model update_model",
    f"""{_CHATS} bot predict generate generation complete completion stream infer inference user
    submit send run""",
)
"""Names of functions."""

HEADING = Kind(
    f"""{_ACTS} extensions? plugins? packages? search upload account tools? issues? session models?
    搜索 账户 工具 検索""",
    f"{_CHATS} playground demo assistant",
)
"""Headings of tabs and accordions."""

GIVING = _either(
    """uploads? upload(?:ed|ing) hochladen téléverser tải_lên
    上传 上傳 アップロード 업로드"""
)
"""Words for giving an app a file. Over a chat, they say what the chat is about."""

_STATUS = _either(
    """status states? logs? progress console notifications? notices? errors? warnings? info
    information seed file_?names? path fehler estado erreurs? ошибка trạng_thái
    状态 狀態 日志 日誌 进度 错误 通知 提示信息 ステータス ログ エラー 상태 로그 오류"""
)
_LOGS_OF_CHATS = _either("(?:chat|conversation)_logs?")
_OUTPUT = Kind(
    """(?:execution|query|search|retrieval|tool)_results?
    sources? references? citations? documents? contexts? passages? chunks? snippets? resources?
    prompts? thoughts? thinking reasoning steps? traces? tokens? usage statistics
    stats metrics latency time timings? duration speed costs? confidence scores? count length size
    history transcripts? transcriptions? callback debug metadata details raw
    quellen dokumente statistik verlauf fuentes fontes fonti источники nguồn
    资料 来源 來源 引用 参考 參考 文档 上下文 思考 推理 用量 统计 耗时 时间 历史 检索 片段 相似度
    参照 出典 思考 출처 참고""",
    f"""{_CHATS} output outputs result results assistant explanation completion generated
    solution translation summary story
    antwort ergebnis ausgabe réponse résultat respuesta resultado resposta risposta risultato ответ
    результат câu_trả_lời trả_lời kết_quả
    回答 答案 回复 回覆 答复 结果 結果 输出 輸出 响应 応答 返信 出力 답변 결과 응답 출력""",
)
FINAL = _either("final refined improved revised polished corrected 最终 最終 최종")
DRAFT = _either("initial draft intermediate rough first preliminary 初步 草稿 初稿")
"""Outputs that show two states of an answer."""
_HEAD = re.compile(
    r"\s*(?:[:：(（\[|,，–—]|\s-\s|\b(?:of|from|with|for|to|by|in|as)\b)", re.IGNORECASE
)
"""Where the noun that says what an output shows has ended."""


def purpose_of_output(texts: Iterable[str]) -> Literal["answer", "beside", "status", None]:
    """Tell what an output's texts say that it shows, or None if they say nothing.

    What is shown beside an answer, such as its sources, is the answer if nothing else is filled. A
    status is never one.
    """
    for text in _heads(texts):
        if _STATUS.compiled.search(text) and not _LOGS_OF_CHATS.compiled.search(text):
            return "status"
        is_chat = _OUTPUT.is_chat_at_last(text)
        if is_chat is not None:
            return "answer" if is_chat else "beside"
    return None


def _heads(texts: Iterable[str]) -> Iterator[str]:
    """Yield each text up to the end of its first noun phrase."""
    for text in texts:
        spelled = spelled_out(text).strip()
        end = _HEAD.search(spelled)
        yield spelled if end is None or end.start() == 0 else spelled[: end.start()]
